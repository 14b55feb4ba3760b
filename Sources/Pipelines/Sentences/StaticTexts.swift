import PenstockCheckpoints
import PenstockModels
import PenstockTokenizers

/// The rules by which texts are tokenized for static embeddings: without special tokens, and perhaps with no tokens at
/// all.
struct StaticTexts: Sendable {
    /// The rule by which texts are cut; nil for not at all.
    private let truncation: Truncation?
    /// A token that does not count.
    private var skippedID: Int32?
    /// The Unicode scalars that a text is cut to before it is tokenized, if texts are cut.
    private var longestText: Int?

    /// The rules of `StaticEmbedding`: texts are cut as tokenizer.json says.
    init(_ tokenizer: Tokenizer) { truncation = tokenizer.defaultTruncation }

    /// The rules of `model2vec`: texts are cut to `max_length` tokens, and before that to so many times the median length of
    /// a token; unknown tokens do not count.
    init(model2vec config: ConfigFile, _ tokenizer: Tokenizer) throws(CheckpointError) {
        let (key, standard) = ("max_length", 512)
        // Null is no limit.
        let isUnlimited = config.has(key) && config[key] == nil
        let maxLength = isUnlimited ? .max : try config.limit(key, default: standard)
        skippedID = tokenizer.modelUnknownID
        guard maxLength < .max else {
            truncation = nil
            return
        }
        truncation = Truncation(maxLength: maxLength)
        longestText = maxLength * Self.medianLength(tokenizer)
    }

    /// The median of the lengths of all tokens in Unicode scalars, rounded down.
    private static func medianLength(_ tokenizer: Tokenizer) -> Int {
        let lengths = (0..<tokenizer.vocabularySize).compactMap {
            tokenizer.token(of: Int32($0))?.unicodeScalars.count
        }.sorted()
        guard !lengths.isEmpty else { return 1 }
        return (lengths[(lengths.count - 1) / 2] + lengths[lengths.count / 2]) / 2
    }

    /// The arguments for the tokenizer if a request asks for nothing else.
    func arguments(within limits: ModelLimits) -> TokenizerArguments {
        var arguments = TokenizerArguments(
            truncation: truncation.map { .cut($0.strategy) } ?? TokenizerArguments.TruncationRule.none,
            maxLength: truncation.map { min($0.maxLength, limits.tokens) }, addSpecialTokens: false)
        arguments.truncationSide = truncation?.direction
        return arguments
    }

    /// The tokens of a text; one that is no token if it has none.
    ///
    /// - Throws: ``PipelineError`` if they are more than the model takes, or not of its vocabulary.
    func ids(
        of text: Tokenizer.Input, _ arguments: TokenizerArguments, _ encoder: TextEncoder
    ) throws(PipelineError) -> [Int32] {
        let truncation = encoder.truncation(arguments)
        var text = text
        if truncation != nil, let longestText, case .text(let whole) = text {
            text = .text(String(Substring(whole.unicodeScalars.prefix(longestText))))
        }
        let encoding = try encoder.encode(text, truncation: truncation, addSpecialTokens: false)
        try encoder.check(encoding, remedy: "shorten it or ask for truncation")
        let ids = encoding.ids.filter { $0 != skippedID }
        return ids.isEmpty ? [StaticEmbeddingModel.noToken(encoder.limits)] : ids
    }
}
