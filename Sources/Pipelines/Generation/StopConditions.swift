/// Decides after each token of an answer: it goes on, or it ends, and why.
package struct StopConditions: Sendable {
    private let eosTokenIds: [Int32]
    /// Tokens that may still come.
    private var left: Int

    /// - Parameters:
    ///   - promptLength: tokens of the prompt
    ///   - limit: tokens of prompt and answer together that the model takes
    package init(_ settings: GenerationSettings, promptLength: Int, limit: Int) {
        eosTokenIds = settings.eosTokenIds
        left = settings.longest(promptLength: promptLength, limit: limit) - promptLength
    }

    /// Returns why the answer ends with this token, or nil if it goes on.
    ///
    /// - Parameters:
    ///   - id: the token
    ///   - text: the text to which it was appended already; nil if there is none to look at
    ///   - isComplete: whether nothing may follow it
    package mutating func finished(by id: Int32, text: TextStream?, isComplete: Bool = false) -> FinishReason? {
        left -= 1
        if isComplete || eosTokenIds.contains(id) { return .eosToken }
        if text?.stopString != nil { return .stopSequence }
        return left <= 0 ? .length : nil
    }
}
