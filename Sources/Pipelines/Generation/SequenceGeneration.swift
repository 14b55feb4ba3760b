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
    /// True if the text ends in front of the stop string or the end token at which it ends.
    package let cutsAtStops: Bool
    /// True if its first word keeps the space between the prompt and it.
    private let isBehindText: Bool
    /// True if stop strings do not count before it has the tokens that it has at least.
    private let stopsWait: Bool
    /// The form that its text has to have; nil for any.
    package let structure: TokenMatcher?

    package init(
        _ settings: GenerationSettings, choice: Int, seed: UInt64, tokenizer: Tokenizer, skipSpecialTokens: Bool,
        cutsAtStops: Bool = false, isBehindText: Bool = false, stopsWait: Bool = false, structure: TokenMatcher? = nil
    ) {
        (self.settings, self.choice, self.seed) = (settings, choice, seed)
        // A form is one of the text that the tokens add.
        self.tokenizer = structure == nil ? tokenizer : tokenizer.withoutCleanUp()
        (self.skipSpecialTokens, self.cutsAtStops, self.structure) = (skipSpecialTokens, cutsAtStops, structure)
        // A form speaks of the first token of a text.
        self.isBehindText = isBehindText && structure == nil
        self.stopsWait = stopsWait
    }

    /// A new stream that makes text of the tokens.
    package var textStream: TextStream {
        TextStream(
            tokenizer: tokenizer, stopStrings: settings.stopStrings, skipSpecialTokens: skipSpecialTokens,
            cutsAtStopString: cutsAtStops, isBehindText: isBehindText)
    }

    /// A new gate that tells from which token on stop strings count.
    package func stopGate(promptLength: Int) -> StopGate {
        StopGate(
            least: stopsWait ? settings.leastNewTokens(promptLength: promptLength) : 0, settings.thought, tokenizer)
    }

    /// Tells whether a token is part of the text, as the end token is not of a text that is cut at it.
    package func isShown(_ token: Int32) -> Bool { !(cutsAtStops && settings.eosTokenIds.contains(token)) }
}
