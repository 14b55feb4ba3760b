import PenstockGrammars

/// The place of a text in the form that it has to have. In front of the text a thought of any form may stand.
struct StructureProgress: Sendable {
    private let matcher: TokenMatcher
    private let endTokens: [Int32]
    private var thought: ThoughtProgress?
    private var position: TokenMatcher.Position?
    /// Tokens of the text in front of the place.
    private var known = 0

    /// - Parameters:
    ///   - endTokens: the tokens that end the text; none if it ends by itself
    ///   - thought: the marks of a thought that may stand in front of the text; nil if none may
    init(_ matcher: TokenMatcher, endTokens: [Int32], behind thought: ThoughtMarks? = nil) {
        (self.matcher, self.endTokens) = (matcher, endTokens)
        self.thought = thought.map(ThoughtProgress.init)
    }

    /// The tokens that may follow those that were generated.
    ///
    /// - Throws: ``PipelineError`` if the text can go on in too many ways at a time.
    mutating func restriction(after history: TokenHistory) throws(PipelineError) -> TokenRestriction {
        guard let text = text(in: history.generated) else {
            return TokenRestriction(tokens: nil, endTokens: endTokens, mayEnd: false)
        }
        let choices = try choices(behind: text)
        return TokenRestriction(
            tokens: choices.tokens, endTokens: endTokens, mayEnd: choices.mayEnd,
            opener: history.generated.isEmpty ? thought?.marks.opener : nil)
    }

    /// Tells whether the text has come to its end, and there is no token to say so.
    ///
    /// - Throws: ``PipelineError`` if the text can go on in too many ways at a time.
    mutating func isComplete(after history: TokenHistory) throws(PipelineError) -> Bool {
        guard endTokens.isEmpty, let text = text(in: history.generated) else { return false }
        let choices = try choices(behind: text)
        return choices.mayEnd && choices.tokens.isEmpty
    }

    /// The tokens of the text; nil while the thought in front of it goes on.
    private mutating func text(in generated: ArraySlice<Int32>) -> ArraySlice<Int32>? {
        thought == nil ? generated : thought?.text(in: generated)
    }

    private mutating func choices(
        behind text: ArraySlice<Int32>
    ) throws(PipelineError) -> TokenMatcher.Choices {
        do throws(GrammarError) {
            while true {
                let position = try matcher.position(position, behind: text, known: known)
                (self.position, known) = (position, text.count)
                // Other texts of the form may have had the matcher forget the place.
                if let choices = try matcher.choices(at: position) { return choices }
            }
        } catch {
            throw PipelineError(structure: error)
        }
    }
}

/// The tokens that may come at a place of a text of a form, or of the thought in front of it.
struct TokenRestriction {
    /// Nil for all but the end tokens.
    let tokens: TokenMask?
    let endTokens: [Int32]
    let mayEnd: Bool
    /// The mark of a thought that may come as well.
    var opener: Int32?

    /// Sets the scores of all other tokens to -infinity. End tokens may come exactly where the text may end.
    func apply(to scores: Scores) {
        var kept: [(id: Int32, score: Float)] = []
        for id in (mayEnd ? endTokens : []) + [opener].compactMap(\.self) where scores.indices.contains(Int(id)) {
            kept.append((id, scores[Int(id)]))
        }
        tokens?.apply(to: scores)
        for id in endTokens { scores.set(id, to: -.infinity) }
        for (id, score) in kept { scores.set(id, to: score) }
    }
}
