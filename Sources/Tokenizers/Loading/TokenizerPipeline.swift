/// The stages of a tokenizer, in the order of a text's way through them.
struct TokenizerPipeline: Sendable {
    var normalizer: (any Normalizer)?
    var preTokenizer: (any PreTokenizer)?
    var model: any Model
    var postProcessor: (any PostProcessor)?
    var decoder: (any Decoder)?
    /// The added tokens that the file lists.
    var addedTokens: [AddedToken] = []
    /// The truncation that the file bakes in.
    var truncation: Truncation?

    /// Reads tokenizer.json.
    init(tokenizerFile file: Field) throws(TokenizerError) {
        if file["version"].exists, try file["version"].string() != "1.0" {
            throw file["version"].unsupported("only version 1.0 is supported")
        }
        normalizer = try file["normalizer"].optional(Normalizers.registry.make)
        preTokenizer = try file["pre_tokenizer"].optional(PreTokenizers.registry.make)
        model = try Models.make(file["model"])
        postProcessor = try file["post_processor"].optional(PostProcessors.registry.make)
        decoder = try file["decoder"].optional(Decoders.registry.make)
        addedTokens =
            try file["added_tokens"].optional { (field) throws(TokenizerError) in
                try field.map { (token) throws(TokenizerError) in
                    _ = try token["id"].id()
                    return try AddedToken(token)
                }
            } ?? []
        truncation = try file["truncation"].optional { (field) throws(TokenizerError) in try Truncation(field) }
    }

    /// Builds BERT's pipeline around a vocab.txt: one token a line, its id the number of the line.
    init(vocabularyFile file: String, bytes: [UInt8], _ files: TokenizerConfigurationFiles) throws(TokenizerError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var entries: [(token: String, id: Int32)] = []
        for (number, line) in lines.enumerated() {
            // Python reads text files with universal newlines.
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let token = String(validating: text, as: UTF8.self), let id = Int32(exactly: number) else {
                throw TokenizerError(.malformed, "\(file): line \(number + 1): not UTF-8")
            }
            entries.append((token, id))
        }
        let vocabulary = Vocabulary(entries)
        let tokens = files.configuration
        model = WordPiece(
            vocabulary: vocabulary, unknown: UnknownToken(tokens.unkToken ?? "[UNK]", file: file, in: vocabulary))
        let lowercase = try files.main["do_lower_case"].bool(default: true)
        normalizer = BertNormalizer(
            handleChineseChars: try files.main["tokenize_chinese_chars"].bool(default: true),
            stripAccents: try files.main["strip_accents"].optional { (field) throws(TokenizerError) in
                try field.bool()
            }, lowercase: lowercase)
        preTokenizer = BertPreTokenizer()
        decoder = WordPieceDecoder()
    }

    /// Puts BERT's special tokens around texts.
    ///
    /// - Throws: ``TokenizerError`` with code `malformed` when the vocabulary lacks them.
    mutating func addBertPostProcessor(
        _ tokens: TokenizerConfiguration, file: String, id: (String) -> Int32?
    ) throws(TokenizerError) {
        let (cls, sep) = (tokens.clsToken ?? "[CLS]", tokens.sepToken ?? "[SEP]")
        guard let clsID = id(cls), let sepID = id(sep) else {
            throw TokenizerError(.malformed, "\(file): the vocabulary lacks the tokens \"\(cls)\" and \"\(sep)\"")
        }
        postProcessor = TemplateProcessing(cls: clsID, sep: sepID)
    }
}
