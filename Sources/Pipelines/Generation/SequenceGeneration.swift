import PenstockGrammars
import PenstockTokenizers

/// The rules by which a sequence goes on behind its prompt.
package struct SequenceGeneration: Sendable {
    package let settings: GenerationSettings
    /// The number of the choice among those of its prompt. All choices but the first begin as copies of the first.
    package let choice: Int
    /// The seed of random numbers.
    package let seed: UInt64
    /// Makes text of its tokens.
    package let tokenizer: Tokenizer
    /// True if special tokens are left out of the text.
    package let skipSpecialTokens: Bool
    /// The form that its text has to have; nil for any.
    package let structure: TokenMatcher?

    package init(
        _ settings: GenerationSettings, choice: Int, seed: UInt64, tokenizer: Tokenizer, skipSpecialTokens: Bool,
        structure: TokenMatcher? = nil
    ) {
        (self.settings, self.choice, self.seed) = (settings, choice, seed)
        // What a form says holds for the text that the tokens add.
        self.tokenizer = structure == nil ? tokenizer : tokenizer.withoutCleanUp()
        (self.skipSpecialTokens, self.structure) = (skipSpecialTokens, structure)
    }

    /// A new stream that makes text of the tokens.
    package var textStream: TextStream {
        TextStream(
            tokenizer: tokenizer, stopStrings: settings.stopStrings, skipSpecialTokens: skipSpecialTokens)
    }
}
