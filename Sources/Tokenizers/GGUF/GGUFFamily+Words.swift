import PenstockJSON

extension GGUFFamily {
    /// WordPiece. Tokens that begin a word have "▁" before them in the file, and others nothing.
    static let wordPiece = GGUFFamily(
        respell: { vocabulary in
            let kinds = vocabulary.kinds
            vocabulary.respell { id, token in
                if let rest = token.utf8.starts(with: "▁".utf8) ? token.unicodeScalars.dropFirst() : nil {
                    return String(rest)
                }
                let isWhole = kinds[id] != .normal || token.hasPrefix("[") && token.hasSuffix("]")
                return isWhole ? token : "##\(token)"
            }
        },
        pipeline: { (vocabulary) throws(TokenizerError) in
            let tokens = vocabulary.vocabulary
            return TokenizerPipeline(
                normalizer: BertNormalizer(
                    handleChineseChars: true, stripAccents: nil,
                    lowercase: try vocabulary.flag("normalizer.lowercase", default: true)),
                preTokenizer: BertPreTokenizer(),
                model: WordPiece(
                    vocabulary: tokens,
                    unknown: UnknownToken(
                        try vocabulary.token("unknown") ?? "[UNK]", file: vocabulary.file.file, in: tokens)),
                decoder: WordPieceDecoder())
        },
        postProcessor: { (vocabulary) throws(TokenizerError) in
            let names = ["cls", "bos"]
            var cls: Int32?
            for name in names where cls == nil { cls = try vocabulary.id(name) }
            guard let cls, let sep = try vocabulary.id("seperator") else {
                throw vocabulary.file["tokenizer.ggml.seperator_token_id"].malformed(
                    "expected this and cls_token_id or bos_token_id")
            }
            return TemplateProcessing(cls: cls, sep: sep)
        })

    /// Unigram, as SentencePiece has it.
    static let unigram = GGUFFamily(
        pipeline: { (vocabulary) throws(TokenizerError) in
            guard let scores = try vocabulary.scores() else {
                throw vocabulary.file["tokenizer.ggml.scores"].malformed("expected scores")
            }
            let scheme = try vocabulary.flag("add_space_prefix", default: true) ? "always" : "never"
            let unknown = try vocabulary.id("unknown") ?? vocabulary.kinds.firstIndex(of: .unknown).map { Int32($0) }
            return TokenizerPipeline(
                normalizer: try charsMap(vocabulary).map { Precompiled($0) },
                preTokenizer: try PreTokenizers.registry.make(
                    Field(
                        literal: #"""
                            {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                             {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)"}]}
                            """#)),
                model: Unigram(
                    pieces: Array(zip(vocabulary.tokens, scores)).map { (token: $0.0, score: $0.1) }, unknown: unknown,
                    byteFallback: false, file: vocabulary.file.file),
                decoder: MetaspaceDecoder(prependScheme: scheme == "always" ? .always : .never))
        },
        postProcessor: { (vocabulary) throws(TokenizerError) in
            // Of those that have a separator, XLM-RoBERTa puts it between texts.
            try beginningAndEnd(vocabulary, begins: false, ends: true, separates: true)
        },
        addedTokens: addedTokensOfMasked)

    private static func charsMap(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> CharsMap? {
        let field = vocabulary.file["tokenizer.ggml.precompiled_charsmap"]
        guard field.exists else { return nil }
        let numbers = field.value?.array?.compactMap(\.integer) ?? []
        // Bytes are written as signed ones or not.
        let bytes = numbers.compactMap { UInt8(exactly: $0) ?? Int8(exactly: $0).map { UInt8(bitPattern: $0) } }
        guard !bytes.isEmpty, bytes.count == field.value?.array?.count else {
            throw field.malformed("expected a list of bytes")
        }
        do {
            return try CharsMap(bytes)
        } catch {
            throw field.malformed(error.message)
        }
    }
}
