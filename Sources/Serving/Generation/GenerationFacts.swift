/// The facts that are told of a request that generates, beside its texts.
package struct GenerationFacts: Sendable {
    /// Tokens of its prompts.
    package var promptTokens = 0
    /// Tokens of the prompts whose keys and values others had computed.
    package var cachedTokens = 0
    /// Tokens that were generated for all of its texts.
    package var generatedTokens = 0
    /// From its submission to its first token; zero if it has none.
    package var firstToken = Duration.zero

    /// Nothing yet.
    package init() {}
}
