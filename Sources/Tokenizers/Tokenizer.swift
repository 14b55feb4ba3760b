/// Turns text into the ids that a model reads, and ids back into text, exactly as Hugging Face's `tokenizers` does.
///
/// Immutable, so one tokenizer may serve any number of threads at once.
public struct Tokenizer: Sendable {
    /// What tokenizer_config.json says beside the pipeline.
    public let configuration: TokenizerConfiguration
    /// The truncation that tokenizer.json bakes in. It is not applied unless a caller passes it to `encode`.
    public let defaultTruncation: Truncation?

    private let normalizer: (any Normalizer)?
    private let preTokenizer: (any PreTokenizer)?
    private let model: any Model
    private let postProcessor: (any PostProcessor)?
    private let decoder: (any Decoder)?
    private let addedVocabulary: AddedVocabulary

    init(_ pipeline: TokenizerPipeline, _ added: AddedVocabulary, _ configuration: TokenizerConfiguration) {
        self.configuration = configuration
        defaultTruncation = pipeline.truncation
        normalizer = pipeline.normalizer
        preTokenizer = pipeline.preTokenizer
        model = pipeline.model
        postProcessor = pipeline.postProcessor
        decoder = pipeline.decoder
        addedVocabulary = added
    }

    // MARK: Encoding

    /// Encodes a text, or a pair of texts. Nothing is padded.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - pair: the second text of a pair. An empty one makes a pair, too.
    ///   - addSpecialTokens: whether the post-processor puts special tokens around the texts.
    ///   - truncation: how to cut what is too long; nil leaves it.
    /// - Throws: ``TokenizerError`` with code `truncation` when the texts cannot be cut as demanded, and `unencodable`
    ///   for a text beyond 2^31 - 1 bytes, or a word for which the vocabulary has neither tokens nor an unknown token.
    public func encode(
        _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, truncation: Truncation? = nil
    ) throws(TokenizerError) -> Encoding {
        var parts = [try encode(text, typeID: 0)]
        if let pair { parts.append(try encode(pair, typeID: 1)) }
        if let truncation {
            let added = addSpecialTokens ? addedTokens(isPair: pair != nil) : 0
            try truncation.apply(to: &parts, addedTokens: added)
        }
        if let postProcessor { parts = postProcessor.process(parts, addSpecialTokens: addSpecialTokens) }
        guard var result = parts.first else { return Encoding() }
        for part in parts.dropFirst() { result.append(part) }
        return result
    }

    /// How many special tokens `encode` adds to one text, or to a pair.
    public func addedTokens(isPair: Bool) -> Int { postProcessor?.addedTokens(isPair: isPair) ?? 0 }

    /// Encodes one text without the post-processor.
    private func encode(_ text: String, typeID: Int32) throws(TokenizerError) -> Encoding {
        var words = try preTokenized(text)
        preTokenizer?.preTokenize(&words)
        var encoding = Encoding(capacity: words.pieces.count + words.pieces.count / 4)
        var tokens: [Token] = []
        let result: Result<Void, TokenizerError> = words.text.bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(TokenizerError) in
                for (wordID, piece) in words.pieces.enumerated() {
                    if piece.isAddedToken {
                        tokens.append(Token(id: piece.addedTokenID, range: piece.range))
                    } else {
                        let word = UnsafeBufferPointer(rebasing: bytes[piece.range])
                        try model.tokenize(word, at: piece.range.lowerBound, into: &tokens)
                    }
                    for token in tokens {
                        encoding.append(
                            token.id, typeID: typeID, offsets: words.text.originalRange(of: token.range),
                            wordID: wordID)
                    }
                    tokens.removeAll(keepingCapacity: true)
                }
            }
        }
        try result.get()
        return encoding
    }

    /// Finds the added tokens and normalizes what stands between them.
    private func preTokenized(_ text: String) throws(TokenizerError) -> PreTokenizedText {
        let utf8 = Array(text.utf8)
        guard utf8.count < Int32.max else {
            throw TokenizerError(.unencodable, "a text of \(utf8.count) bytes is too long; send less than 2^31 - 1")
        }
        let whole = NormalizedText(utf8, firstOrigin: 0)
        var words = PreTokenizedText()
        for piece in addedVocabulary.original.pieces(of: utf8) {
            var part = piece.range == utf8.indices ? whole : whole[piece.range]
            if piece.isAddedToken {
                words.append(
                    part, pieces: [PreTokenizedText.Piece(range: part.bytes.indices, addedTokenID: piece.addedTokenID)])
            } else {
                normalizer?.normalize(&part)
                words.append(part, pieces: addedVocabulary.normalized.pieces(of: part.bytes))
            }
        }
        return words
    }

    // MARK: Decoding

    /// Turns ids into text. Ids without a token are skipped.
    ///
    /// - Parameter skipSpecialTokens: whether to leave special tokens out.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
        let tokens = ids.compactMap { id in
            skipSpecialTokens && addedVocabulary.isSpecial(id) ? nil : token(of: id)
        }
        let text = decoder.map { $0.decode(tokens).joined() } ?? tokens.joined(separator: " ")
        return configuration.cleanUpTokenizationSpaces && !model.ignoresCleanUp ? CleanUp.text.applied(to: text) : text
    }

    // MARK: Vocabulary

    /// The token with this id. An added token that is looked for in normalised text is given in its normalised form.
    public func token(of id: Int32) -> String? { addedVocabulary.name(of: id) ?? model.vocabulary.token(of: id) }

    /// The id of this token: among the added ones, else among the model's.
    public func id(of token: String) -> Int32? { addedVocabulary.id(of: token) ?? model.vocabulary.id(of: token) }

    /// The tokens of an encoding, as `convert_ids_to_tokens` gives them; "" for an id without one.
    public func tokens(of encoding: Encoding) -> [String] { encoding.ids.map { token(of: $0) ?? "" } }

    /// The largest id plus one, added tokens included.
    public var vocabularySize: Int { Int(max(addedVocabulary.largestID, model.vocabulary.largestID)) + 1 }

    /// Whether decoding can skip this id.
    public func isSpecial(_ id: Int32) -> Bool { addedVocabulary.isSpecial(id) }

    /// What the model puts before a token that continues a word, if it does: `continuing_subword_prefix`.
    public var continuingSubwordPrefix: String? { model.continuingSubwordPrefix }

    /// The id of the mask token, if there is one.
    public var maskTokenID: Int32? { id(ofNamed: configuration.maskToken) }
    /// The id of the padding token, if there is one.
    public var padTokenID: Int32? { id(ofNamed: configuration.padToken) }
    /// The id of the unknown token, if there is one.
    public var unkTokenID: Int32? { id(ofNamed: configuration.unkToken) }
    /// The id of the classification token, if there is one.
    public var clsTokenID: Int32? { id(ofNamed: configuration.clsToken) }
    /// The id of the separator, if there is one.
    public var sepTokenID: Int32? { id(ofNamed: configuration.sepToken) }
    /// The id of the token that begins a sequence, if there is one.
    public var bosTokenID: Int32? { id(ofNamed: configuration.bosToken) }
    /// The id of the token that ends a sequence, if there is one.
    public var eosTokenID: Int32? { id(ofNamed: configuration.eosToken) }

    private func id(ofNamed token: String?) -> Int32? { token.flatMap { id(of: $0) } }
}
