/// What a matrix is for in its layer.
package enum WeightRole: Sendable, CaseIterable {
    /// It makes queries or keys.
    case scores
    /// It makes values.
    case values
    /// It is applied to what attention gives.
    case attentionOutput
    /// It makes the inner numbers of a feed-forward part, or the gates of these.
    case feedForwardInput
    /// It makes a hidden state of the inner numbers of a feed-forward part.
    case feedForwardOutput
    /// Anything else.
    case other
}

extension WeightRole {
    /// The form of its weights in ``WeightFormat/int4``. Bits are where they count: the values and what is made of
    /// them are small matrices through which all goes that tokens tell each other, while a softmax takes errors of
    /// queries and keys to little.
    var int4Form: BlockForm {
        switch self {
        case .scores, .feedForwardOutput: .unevenInt4
        case .feedForwardInput: .integers(bits: 5)
        case .values, .attentionOutput, .other: .integers(bits: 6)
        }
    }
}
