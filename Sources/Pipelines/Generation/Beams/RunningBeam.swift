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
    ///
    /// - Parameter text: its text with the token, if stop strings are looked for
    func appending(_ token: Int32, score: Float, text: TextStream?) -> RunningBeam {
        var beam = RunningBeam(history: history, score: score, text: text)
        beam.history.append(token)
        return beam
    }

    /// The text of the beam with a token more, if stop strings are looked for, and why the beam ends with the token, or
    /// nil if it goes on.
    ///
    /// - Parameter isLongest: whether it has as many tokens then as it may have
    func end(
        with token: Int32, _ settings: GenerationSettings, isLongest: Bool
    ) -> (text: TextStream?, reason: FinishReason?) {
        if settings.eosTokenIds.contains(token) { return (text, .eosToken) }
        var text = text
        _ = text?.append(token)
        if text?.stopString != nil { return (text, .stopSequence) }
        return (text, isLongest ? .length : nil)
    }
}
