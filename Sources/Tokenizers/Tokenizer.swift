/// Turns text into the ids that a model reads, and ids back into text, exactly as Hugging Face's `tokenizers` does.
///
/// Immutable, so one tokenizer may serve any number of threads at once.
public struct Tokenizer: Sendable {
    /// The settings of tokenizer_config.json beside the pipeline.
    public let configuration: TokenizerConfiguration
    /// The truncation that tokenizer.json bakes in. It is not applied unless a caller passes it to `encode`.
    public let defaultTruncation: Truncation?

    private var normalizer: (any Normalizer)?
    private let preTokenizer: (any PreTokenizer)?
    let model: any TokenizerModel
    private let postProcessor: (any PostProcessor)?
    private(set) var decoder: any Decoder
    /// The decoder without what cleans up behind it.
    let tokenDecoder: any Decoder
    private(set) var addedVocabulary: AddedVocabulary
    /// The margins by which the post-processor trims offsets, if it does.
    private let margins: VocabularyMargins?

    init(_ pipeline: TokenizerPipeline, _ added: AddedVocabulary, _ configuration: TokenizerConfiguration) {
        self.configuration = configuration
        defaultTruncation = pipeline.truncation
        normalizer = pipeline.normalizer
        preTokenizer = pipeline.preTokenizer
        model = pipeline.model
        postProcessor = pipeline.postProcessor
        let cleansUp =
            configuration.cleanUpTokenizationSpaces
            && (configuration.cleansUpRegardless || !pipeline.model.ignoresCleanUp)
        let decoder = pipeline.decoder ?? JoinWithSpaces()
        tokenDecoder = decoder
        self.decoder = cleansUp ? DecoderSequence([decoder, CleanUp.text]) : decoder
        addedVocabulary = added
        margins = pipeline.postProcessor?.trimsOffsets == true ? VocabularyMargins(pipeline.model.vocabulary) : nil
    }

    /// The same tokenizer, but for texts that are put into lower case before they are normalised, unless a `Lowercase`
    /// is among the normalizers already. Added tokens that are looked for in the original text are found as they are.
    package func lowercasing() -> Tokenizer {
        let normalizers = (normalizer as? NormalizerSequence)?.normalizers ?? [normalizer].compactMap(\.self)
        if normalizers.contains(where: { $0 is Lowercase }) { return self }
        var tokenizer = self
        let normalizer = NormalizerSequence([Lowercase()] + normalizers)
        tokenizer.normalizer = normalizer
        tokenizer.addedVocabulary = addedVocabulary.with(normalizer: normalizer, model: model.vocabulary)
        return tokenizer
    }

    /// The same tokenizer, but for decoded texts that nothing is cleaned up in: they are what their tokens add.
    package func withoutCleanUp() -> Tokenizer {
        var tokenizer = self
        tokenizer.decoder = tokenDecoder
        return tokenizer
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
        return try assembled(parts, addSpecialTokens: addSpecialTokens, truncation)
    }

    /// Truncates the encoding of one text, or those of a pair, and puts special tokens around them.
    func assembled(
        _ parts: [Encoding], addSpecialTokens: Bool, _ truncation: Truncation?
    ) throws(TokenizerError) -> Encoding {
        var parts = parts
        if let truncation {
            let added = addSpecialTokens ? addedTokens(isPair: parts.count > 1) : 0
            try truncation.apply(to: &parts, addedTokens: added)
        }
        if let postProcessor { parts = postProcessor.process(parts, addSpecialTokens: addSpecialTokens) }
        guard var result = parts.first else { return Encoding() }
        for part in parts.dropFirst() { result.append(part) }
        if configuration.modelInputNames?.contains("token_type_ids") == false { result.dropTypes() }
        if margins != nil { result.removeMargins() }
        return result
    }

    /// Returns the number of special tokens that `encode` adds to one text, or to a pair.
    public func addedTokens(isPair: Bool) -> Int { postProcessor?.addedTokens(isPair: isPair) ?? 0 }

    /// Returns what the model gets to see: the words of a text as normalization leaves them, and their places in the
    /// original, in Unicode scalars.
    package func words(of text: String) throws(TokenizerError) -> [(text: String, offsets: Range<Int>)] {
        let words = try preTokenized(text)
        return words.pieces.map { piece in
            let word = String(decoding: words.text.bytes[piece.range], as: UTF8.self)
            return (word, words.text.originalRange(of: piece.range))
        }
    }

    /// Encodes one text without the post-processor.
    ///
    /// - Parameter trust: the parts of the text in which control tokens may stand; nil for all of it.
    func encode(_ text: String, typeID: Int32, trust: PromptTrust? = nil) throws(TokenizerError) -> Encoding {
        let words = try preTokenized(text, trust)
        var tokens: [Token] = []
        tokens.reserveCapacity(words.pieces.count + words.pieces.count / 4)
        var wordEnds: [Int] = []
        wordEnds.reserveCapacity(words.pieces.count)
        let result: Result<Void, TokenizerError> = words.text.bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(TokenizerError) in
                for piece in words.pieces {
                    if piece.isAddedToken {
                        tokens.append(Token(id: piece.addedTokenID, range: piece.range))
                    } else {
                        let word = UnsafeBufferPointer(rebasing: bytes[piece.range])
                        let start = tokens.count
                        try model.tokenize(word, at: piece.range.lowerBound, into: &tokens)
                        if let trust {
                            try respell(&tokens, from: start, of: bytes, piece.range) {
                                trust.allows($0.id, at: words.text.originalRange(of: $0.range))
                            }
                        }
                    }
                    wordEnds.append(tokens.count)
                }
            }
        }
        try result.get()
        var encoding = Encoding(tokens, wordEnds: wordEnds, of: words.text, typeID: typeID)
        if let margins { encoding.margins = marginsOf(tokens, words, margins) }
        return encoding
    }

    /// The spaces that tokens' texts begin and end with. An added token has as its text what it was found as, with the
    /// spaces that it absorbed, and an unknown one may show what it stands for.
    private func marginsOf(
        _ tokens: [Token], _ words: PreTokenizedText, _ margins: VocabularyMargins
    ) -> [TokenMargins] {
        let (vocabulary, idOfTextItself) = (model.vocabulary, model.idOfTextItself)
        let addedTokens = Set(words.pieces.lazy.filter(\.isAddedToken).map(\.range.lowerBound))
        return words.text.bytes.withUnsafeBufferPointer { bytes in
            tokens.map { token in
                if token.id == idOfTextItself || addedTokens.contains(token.range.lowerBound) {
                    return TokenMargins(of: UnsafeBufferPointer(rebasing: bytes[token.range]))
                }
                return vocabulary.place(of: token.id).map { margins[$0] } ?? TokenMargins()
            }
        }
    }

    /// Finds the added tokens, normalizes what stands between them, and cuts it into words.
    private func preTokenized(
        _ text: String, _ trust: PromptTrust? = nil
    ) throws(TokenizerError) -> PreTokenizedText {
        let utf8 = Array(text.utf8)
        guard utf8.count < Int32.max else {
            throw TokenizerError(.unencodable, "a text of \(utf8.count) bytes is too long; send less than 2^31 - 1")
        }
        let whole = NormalizedText(utf8, firstOrigin: 0)
        var words = PreTokenizedText()
        for piece in addedVocabulary.original.pieces(of: utf8, where: { trust?.allows($0, atBytes: $1) ?? true }) {
            var part = piece.range == utf8.indices ? whole : whole[piece.range]
            if piece.isAddedToken {
                words.append(
                    part, pieces: [PreTokenizedText.Piece(range: part.bytes.indices, addedTokenID: piece.addedTokenID)])
            } else {
                normalizer?.normalize(&part)
                let pieces = addedVocabulary.normalized.pieces(of: part.bytes) {
                    trust?.allows($0, at: part.originalRange(of: $1)) ?? true
                }
                words.append(part, pieces: pieces)
            }
        }
        preTokenizer?.preTokenize(&words)
        return words
    }

    // MARK: Vocabulary

    /// The token with this id. An added token that is looked for in normalised text is given in its normalised form.
    public func token(of id: Int32) -> String? { addedVocabulary.name(of: id) ?? model.vocabulary.token(of: id) }

    /// The id of this token: among the added ones, else among the model's.
    public func id(of token: String) -> Int32? { addedVocabulary.id(of: token) ?? model.vocabulary.id(of: token) }

    /// The tokens of an encoding, as `convert_ids_to_tokens` gives them; "" for an id without one.
    public func tokens(of encoding: Encoding) -> [String] { encoding.ids.map { token(of: $0) ?? "" } }

    /// The id of the token that the model has for what its vocabulary cannot express, if there is one.
    package var modelUnknownID: Int32? { model.unknownID }

    /// The largest id plus one, added tokens included.
    public var vocabularySize: Int { Int(max(addedVocabulary.largestID, model.vocabulary.largestID)) + 1 }

    /// Tells whether decoding can skip this id.
    public func isSpecial(_ id: Int32) -> Bool { addedVocabulary.isSpecial(id) }

    /// The characters that the model puts before a token that continues a word, if it does:
    /// `continuing_subword_prefix`.
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
