import PenstockJSON
import PenstockPipelines
import PenstockTokenizers

/// A prompt that is told in front of the texts that go on with it.
struct EchoedPrompt: Sendable {
    /// The text that is told; empty if none is.
    private(set) var text = ""
    private var hidesSpecialTokens = false

    /// Nothing is told.
    init() {}

    init(_ input: TextGeneration.Input, of task: TextGeneration) {
        text = task.promptText(input)
        if case .tokens = input { hidesSpecialTokens = true }
    }

    /// Tells whether a token of the prompt is in the text. Of a prompt of text the first may have been put in front.
    fileprivate func shows(_ token: TextGeneration.Generation.Token, isFirst: Bool) -> Bool {
        guard token.isSpecial else { return true }
        return !hidesSpecialTokens && !(isFirst && !text.hasPrefix(token.spelling))
    }
}

/// The probabilities of a completion's tokens, as completions tell them: `{"tokens", "token_logprobs", "top_logprobs",
/// "text_offset"}`, lists of as many elements as there are tokens. Offsets are in Unicode scalars; a part of a character
/// is at the character.
struct CompletionLogprobs: Sendable {
    private let prompt: EchoedPrompt
    private let likeliest: Int
    /// Tokens that were not told yet, and where each begins.
    private var tokens: [(token: TextGeneration.Generation.Token, offset: Int)] = []
    private var scalars = ScalarCounter()
    private var isFirst = true
    /// True once a token of the text was added.
    private var hasShown = false

    /// - Parameters:
    ///   - prompt: what is told in front of the text
    ///   - likeliest: how many of the likeliest tokens are told at each place
    init(behind prompt: EchoedPrompt, likeliest: Int) { (self.prompt, self.likeliest) = (prompt, likeliest) }

    /// Adds tokens of the prompt and of the text behind it.
    mutating func append(
        prompt promptTokens: [TextGeneration.Generation.Token], _ textTokens: [TextGeneration.Generation.Token]
    ) {
        for token in promptTokens {
            append(token, isShown: prompt.shows(token, isFirst: isFirst))
            isFirst = false
        }
        // Special tokens that are left out of the text add nothing.
        for token in textTokens { append(token, isShown: !token.isSpecial || !token.text.isEmpty) }
    }

    private mutating func append(_ token: TextGeneration.Generation.Token, isShown: Bool) {
        tokens.append((token, scalars.count))
        guard isShown else { return }
        var bytes = token.partBytes ?? Array(token.spelling.utf8)
        // The first word of a prompt has no space before it in the text, whatever its token has.
        let space = UInt8(ascii: " ")
        if !hasShown, let first = prompt.text.utf8.first, first != space, bytes.first == space { bytes.removeFirst() }
        hasShown = true
        scalars.append(bytes)
    }

    /// Writes the tokens that were not told yet.
    mutating func take(into writer: inout JSONWriter) {
        let (tokens, likeliest) = (exchange(&tokens, with: []), likeliest)
        writer.object { writer in
            writer.key("tokens")
            writer.array { for (token, _) in tokens { $0.value(token.spelling) } }
            writer.key("token_logprobs")
            writer.array { for (token, _) in tokens { $0.logprob(of: token) } }
            writer.key("top_logprobs")
            writer.array { writer in
                for (token, _) in tokens {
                    // The first token of a prompt has none.
                    if token.logprob == nil { writer.null() } else { writer.object { $0.top(likeliest, of: token) } }
                }
            }
            writer.key("text_offset")
            writer.array { for (_, offset) in tokens { $0.value(offset) } }
        }
    }
}

extension JSONWriter {
    /// Writes an entry for each of the likeliest tokens of a place, and one for the token that stands there.
    fileprivate mutating func top(_ likeliest: Int, of token: TextGeneration.Generation.Token) {
        var written: Set<[UInt8]> = []
        for other in token.likeliest.prefix(likeliest) + [token]
        where written.insert(Array(other.spelling.utf8)).inserted {
            key(other.spelling)
            logprob(of: other)
        }
    }
}
