/// The reason that an answer ended.
package enum FinishReason: String, Sendable {
    /// It has as many tokens as it may have.
    case length
    /// A token came that ends answers, or the text is complete by the form that it has to have.
    case eosToken = "eos_token"
    /// A text came at which answers end.
    case stopSequence = "stop_sequence"
    /// Its time was over.
    case deadline
}
