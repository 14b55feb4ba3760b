/// A beam that goes on.
struct RunningBeam: Sendable {
    private(set) var history: TokenHistory
    /// The sum of the scores of its tokens.
    private(set) var score: Float
    /// Its text, if stop strings are looked for.
    private(set) var text: TextStream?

    init(history: TokenHistory, score: Float, text: TextStream?) {
        (self.history, self.score, self.text) = (history, score, text)
    }

    /// The beam with a token more.
    func appending(_ token: Int32, score: Float) -> RunningBeam {
        var beam = self
        beam.history.append(token)
        beam.score = score
        _ = beam.text?.append(token)
        return beam
    }

    /// Why the beam ends with its last token, or nil if it goes on.
    ///
    /// - Parameter isLongest: whether it has as many tokens as it may have
    func finishReason(_ settings: GenerationSettings, isLongest: Bool) -> FinishReason? {
        if let last = history.tokens.last, settings.eosTokenIds.contains(last) { return .eosToken }
        if text?.stopString != nil { return .stopSequence }
        return isLongest ? .length : nil
    }
}
