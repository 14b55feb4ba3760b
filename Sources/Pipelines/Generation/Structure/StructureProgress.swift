import PenstockGrammars

/// The place of a text in the form that it has to have.
struct StructureProgress: Sendable {
    private let matcher: TokenMatcher
    private let endTokens: [Int32]
    private var position: TokenMatcher.Position?
    /// Tokens in front of the place.
    private var known = 0

    /// - Parameter endTokens: the tokens that end the text; none if it ends by itself
    init(_ matcher: TokenMatcher, endTokens: [Int32]) {
        (self.matcher, self.endTokens) = (matcher, endTokens)
    }

    /// The tokens that may follow those that were generated.
    ///
    /// - Throws: ``PipelineError`` if the text can go on in too many ways at a time.
    mutating func restriction(after history: TokenHistory) throws(PipelineError) -> TokenRestriction {
        let choices = try choices(after: history)
        return TokenRestriction(tokens: choices.tokens, endTokens: endTokens, mayEnd: choices.mayEnd)
    }

    /// Tells whether the text has come to its end, and there is no token to say so.
    ///
    /// - Throws: ``PipelineError`` if the text can go on in too many ways at a time.
    mutating func isComplete(after history: TokenHistory) throws(PipelineError) -> Bool {
        guard endTokens.isEmpty else { return false }
        let choices = try choices(after: history)
        return choices.mayEnd && choices.tokens.isEmpty
    }

    private mutating func choices(after history: TokenHistory) throws(PipelineError) -> TokenMatcher.Choices {
        do throws(GrammarError) {
            while true {
                let position = try matcher.position(position, behind: history.generated, known: known)
                (self.position, known) = (position, history.generated.count)
                // Other texts of the form may have had the matcher forget the place.
                if let choices = try matcher.choices(at: position) { return choices }
            }
        } catch {
            throw PipelineError(structure: error)
        }
    }
}

/// The tokens that may come at a place of a text of a form.
struct TokenRestriction {
    let tokens: TokenMask
    let endTokens: [Int32]
    let mayEnd: Bool

    /// Sets the scores of all other tokens to -infinity. End tokens may come exactly where the text may end.
    func apply(to scores: Scores) {
        var ends: [(id: Int32, score: Float)] = []
        for id in endTokens where mayEnd && scores.indices.contains(Int(id)) { ends.append((id, scores[Int(id)])) }
        tokens.apply(to: scores)
        for id in endTokens { scores.set(id, to: -.infinity) }
        for (id, score) in ends { scores.set(id, to: score) }
    }
}
