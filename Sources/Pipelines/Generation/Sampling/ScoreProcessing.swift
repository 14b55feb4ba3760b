import PenstockGrammars

/// From the scores of a model to those that a token is chosen by: processors, and filters if tokens are drawn.
struct ScoreProcessing: Sendable {
    private let settings: GenerationSettings
    private let changesScores: Bool
    private var processors: LogitsProcessors
    private let filters: SamplingFilters
    /// Nil for a text of any form.
    private var structure: StructureProgress?
    /// The distribution that tokens are drawn from, if they are.
    private(set) var distribution = TokenDistribution()

    /// - Parameters:
    ///   - limit: tokens of prompt and answer together that the model takes
    ///   - structure: the form that the text has to have; nil for any
    init(_ settings: GenerationSettings, promptLength: Int, limit: Int, structure: TokenMatcher? = nil) {
        self.settings = settings
        processors = LogitsProcessors(settings, promptLength: promptLength, limit: limit)
        changesScores = !processors.isEmpty
        filters = SamplingFilters(settings)
        self.structure = structure.map {
            StructureProgress($0, endTokens: settings.eosTokenIds, behind: settings.thought)
        }
    }

    /// Changes the scores, and makes the distribution if tokens are drawn from one.
    ///
    /// - Returns: the greatest of the changed scores; nil if the settings leave no token.
    /// - Throws: ``PipelineError`` for scores that are no numbers, and if the settings make them infinite.
    mutating func apply(to scores: Scores, after history: TokenHistory) throws(PipelineError) -> Float? {
        var greatest = scores.greatest()
        if !settings.removeInvalidValues { try Self.requireFinite(greatest) }
        let restriction = try structure?.restriction(after: history)
        restriction?.apply(to: scores)
        if changesScores {
            processors.apply(to: scores, after: history)
            // Tokens that a form forbids stay forbidden, whatever processors made of them.
            restriction?.apply(to: scores)
        }
        if changesScores || restriction != nil {
            greatest = scores.greatest()
        }
        guard let greatest, greatest < .infinity else {
            throw PipelineError(
                .invalidParameter,
                "the parameters make scores infinite behind \(history.tokens.count) tokens; ask for smaller changes")
        }
        guard greatest > -.infinity else { return nil }
        if settings.doSample { filters.apply(to: scores, greatest: greatest, into: &distribution) }
        return greatest
    }

    /// Changes the scores to those that `generate` chooses by, -infinity for those that are not to be chosen.
    ///
    /// - Returns: whether the settings leave a token.
    mutating func rewrite(_ scores: Scores, after history: TokenHistory) throws(PipelineError) -> Bool {
        guard try apply(to: scores, after: history) != nil else { return false }
        if settings.doSample { distribution.write(to: scores) }
        if settings.renormalizeLogits { try scores.normalize() }
        return true
    }

    /// Tells whether the text has come to the end of its form, and there is no token to say so.
    mutating func isComplete(after history: TokenHistory) throws(PipelineError) -> Bool {
        try structure?.isComplete(after: history) ?? false
    }

    /// - Throws: ``PipelineError`` unless the greatest score is a finite number.
    static func requireFinite(_ greatest: Float?) throws(PipelineError) {
        guard greatest?.isFinite == true else {
            throw PipelineError(.nonFiniteOutput, "the model computed scores of tokens that are no finite numbers")
        }
    }
}

extension PipelineError {
    /// The error of settings that leave no token.
    static func noToken(behind tokens: Int) -> PipelineError {
        PipelineError(.invalidParameter, "the parameters forbid every token behind \(tokens) tokens")
    }
}
