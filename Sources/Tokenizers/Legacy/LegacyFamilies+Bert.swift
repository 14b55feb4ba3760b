extension LegacyFamilies {
    /// vocab.txt.
    static let bert = LegacyFamily(
        classes: ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"],
        modelTypes: ["bert", "distilbert", "electra"],
        specialTokensOfVocabulary: ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"],
        pipeline: { (checkpoint) throws(TokenizerError) in
            let file = checkpoint.directory.path(of: "vocab.txt")
            let vocabulary = try vocabulary(file: file, lines: try checkpoint.requiredBytes(of: "vocab.txt"))
            return TokenizerPipeline(
                normalizer: BertNormalizer(
                    handleChineseChars: try checkpoint.flag("tokenize_chinese_chars", default: true),
                    stripAccents: try checkpoint.settings["strip_accents"].optional { (field) throws(TokenizerError) in
                        try field.bool()
                    }, lowercase: try checkpoint.flag("do_lower_case", default: true)),
                preTokenizer: BertPreTokenizer(),
                model: WordPiece(
                    vocabulary: vocabulary,
                    unknown: UnknownToken(checkpoint.configuration.unkToken ?? "[UNK]", file: file, in: vocabulary)),
                decoder: WordPieceDecoder())
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in
            let cls = try tokens.requiredID(of: tokens.configuration.clsToken ?? "[CLS]")
            let sep = try tokens.requiredID(of: tokens.configuration.sepToken ?? "[SEP]")
            return TemplateProcessing(cls: cls, sep: sep)
        })

    /// Reads one token a line, its id the number of the line.
    private static func vocabulary(file: String, lines: [UInt8]) throws(TokenizerError) -> Vocabulary {
        var lines = lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var entries: [(token: String, id: Int32)] = []
        for (number, line) in lines.enumerated() {
            guard let text = String(validating: line, as: UTF8.self), let id = Int32(exactly: number) else {
                throw TokenizerError(.malformed, "\(file): line \(number + 1): not UTF-8")
            }
            // As upstream: white space at the end is no part of a token, and of equal ones the later id wins.
            let blanks = text.unicodeScalars.reversed().prefix(while: UpstreamUnicode.isWhitespace).count
            entries.append((String(text.unicodeScalars.dropLast(blanks)), id))
        }
        return Vocabulary(entries)
    }
}

extension TemplateProcessing {
    /// `[CLS] A [SEP]`, and for a pair `[CLS] A [SEP] B [SEP]`, where B and its separator are of type 1.
    init(cls: Int32, sep: Int32) {
        let single: [Piece] = [.special([cls], typeID: 0), .sequence(0, typeID: 0), .special([sep], typeID: 0)]
        self.init(single: single, pair: single + [.sequence(1, typeID: 1), .special([sep], typeID: 1)])
    }
}
