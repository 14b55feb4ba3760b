import PenstockGrammars

/// Chooses the next token of one choice of one request.
///
/// A choice depends on the settings, the seed, the number of the choice, the tokens before it and the scores alone, so
/// that it is the same in any company.
package struct TokenChooser: Sendable {
    private let doSample: Bool
    private let choice: Int
    private let generator: CounterGenerator
    private var processing: ScoreProcessing
    private var probabilities: ModelProbabilities
    private var history: TokenHistory
    /// True if the text has come to the end of the form that it has to have, and there is no token to say so.
    package private(set) var isComplete = false

    /// - Parameters:
    ///   - settings: of the request; its beams have ``BeamSearch`` instead
    ///   - prompt: the tokens of the prompt
    ///   - answer: tokens that were chosen before
    ///   - choice: which of the answers to the prompt
    ///   - seed: what random numbers depend on
    ///   - limit: tokens of prompt and answer together that the model takes
    ///   - structure: the form that the text has to have; nil for any
    package init(
        _ settings: GenerationSettings, prompt: [Int32], answer: [Int32] = [], choice: Int, seed: UInt64,
        limit: Int = .max, structure: TokenMatcher? = nil
    ) {
        (doSample, self.choice) = (settings.doSample, choice)
        generator = CounterGenerator(seed: seed)
        processing = ScoreProcessing(settings, promptLength: prompt.count, limit: limit, structure: structure)
        probabilities = ModelProbabilities(top: settings.logprobs)
        history = TokenHistory(prompt: prompt, answer: answer)
    }

    /// The tokens of the prompt and those that were chosen.
    package var tokens: [Int32] { history.tokens }

    /// Chooses a token and appends it to the history.
    ///
    /// - Parameter logits: the scores of all tokens of the vocabulary for this place, which are overwritten
    /// - Throws: ``PipelineError`` for scores that are no numbers, and if the settings leave no token.
    package mutating func choose(_ logits: UnsafeMutableBufferPointer<Float>) throws(PipelineError) -> ChosenToken {
        try probabilities.take(logits)
        guard let greatest = try processing.apply(to: logits, after: history) else {
            throw .noToken(behind: history.tokens.count)
        }
        let id =
            doSample
            ? processing.distribution.token(at: generator.uniform(position: history.tokens.count, choice: choice))
            : Int32(truncatingIfNeeded: logits.first(with: greatest))
        history.append(id)
        isComplete = try processing.isComplete(after: history)
        return probabilities.chosen(id)
    }

    /// Changes the scores to those that `generate` chooses by: -infinity for tokens that are not to be chosen.
    package mutating func process(_ logits: UnsafeMutableBufferPointer<Float>) throws(PipelineError) {
        _ = try processing.rewrite(logits, after: history)
    }
}
