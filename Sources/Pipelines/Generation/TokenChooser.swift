/// Chooses the next token of one choice of one request: the likeliest.
package struct TokenChooser: Sendable {
    package init(_ settings: GenerationSettings, prompt: [Int32], choice: Int, seed: UInt64, limit: Int = .max) {}

    /// Returns the token that comes next.
    ///
    /// - Parameter logits: of all tokens; may be overwritten
    package mutating func choose(_ logits: UnsafeMutableBufferPointer<Float>) throws(PipelineError) -> ChosenToken {
        var best = 0
        for index in logits.indices where logits[index] > logits[best] { best = index }
        guard logits[best].isFinite else {
            throw PipelineError(.nonFiniteOutput, "the model computed logits that are no finite numbers")
        }
        return ChosenToken(id: Int32(best), logprob: 0)
    }
}
