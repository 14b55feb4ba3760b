import PenstockJSON
import PenstockTokenizers

/// The wishes of a request for the tokens of its texts, by the arguments of a `transformers` tokenizer.
public struct TokenizerArguments: TaskOptions {
    /// A rule for what is cut when a text is too long.
    public enum TruncationRule: Sendable {
        /// Nothing.
        case none
        /// As the strategy says.
        case cut(Truncation.Strategy)
    }

    /// The rule for what is cut when a text is too long; nil for the longer text if a length is given, and else
    /// nothing.
    public var truncation: TruncationRule?
    /// The end at which it is cut; nil for what the tokenizer says.
    public var truncationSide: Truncation.Direction?
    /// Tokens of the longest sequence, special tokens included; nil for as many as the tokenizer and the model take.
    public var maxLength: Int?
    /// True if a text that is cut has as many tokens as the model takes, also if the tokenizer is made for more; false if
    /// texts that are longer than that are refused.
    public var cutsToModel = false
    /// True if special tokens are put around the texts.
    public var addSpecialTokens = true

    /// The defaults: all tokens, special ones included.
    public init() {}

    init(truncation: TruncationRule? = nil, maxLength: Int? = nil, addSpecialTokens: Bool = true) {
        (self.truncation, self.maxLength, self.addSpecialTokens) = (truncation, maxLength, addSpecialTokens)
    }
}

extension TokenizerArguments {
    /// The arguments that tasks pass on.
    static let options = OptionTable<TokenizerArguments>([
        truncationOption(\.self),
        .integer("max_length", \.maxLength, atLeast: 1, "Tokens that a text is cut to."),
        addSpecialTokensOption,
    ])

    static let addSpecialTokensOption = TaskOption<TokenizerArguments>.flag(
        "add_special_tokens", \.addSpecialTokens, "Put special tokens around the texts.")

    /// `truncation` by itself: a flag or the name of a strategy.
    static func truncationOption<Options: TaskOptions>(
        _ arguments: WritableKeyPath<Options, TokenizerArguments> & Sendable
    ) -> TaskOption<Options> {
        let choices: [(JSONValue, TruncationRule?)] = [
            (.bool(true), .cut(.longestFirst)), (.bool(false), TruncationRule.none),
            (.string("longest_first"), .cut(.longestFirst)), (.string("only_first"), .cut(.onlyFirst)),
            (.string("only_second"), .cut(.onlySecond)), (.string("do_not_truncate"), TruncationRule.none),
        ]
        return TaskOption<TokenizerArguments>.choice(
            "truncation", \.truncation, choices, "What is cut when a text is too long for the model."
        ).lifted(to: arguments)
    }
}
