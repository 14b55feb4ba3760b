extension LegacyFamilies {
    /// XLM-RoBERTa: fairseq's special tokens before the pieces, and the mask behind them.
    static let xlmRoberta = LegacyFamily(
        classes: ["XLMRobertaTokenizer"], modelTypes: ["xlm-roberta", "xlm-roberta-xl"], namedTokens: fairseqTokens,
        pipeline: { (checkpoint) throws(TokenizerError) in
            try unigramPipeline(checkpoint, unknownID: 3) { model, names in
                [names.bosToken, names.padToken, names.eosToken, names.unkToken].map { ($0 ?? "", 0) }
                    + model.pieces(from: 3) + [(names.maskToken ?? "", 0)]
            }
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in try doubleSeparator(tokens) })

    /// CamemBERT: as XLM-RoBERTa, with the pieces that fairseq does not use kept.
    static let camembert = LegacyFamily(
        classes: ["CamembertTokenizer"], modelTypes: ["camembert"], namedTokens: fairseqTokens, maskAbsorbsSpaces: true,
        pipeline: { (checkpoint) throws(TokenizerError) in
            try unigramPipeline(checkpoint, unknownID: 3) { model, names in
                [
                    ("<s>NOTUSED", 0), (names.padToken ?? "", 0), ("</s>NOTUSED", 0), (names.unkToken ?? "", 0),
                    ("<unk>NOTUSED", -100),
                ] + model.pieces(from: 1) + [(names.maskToken ?? "", 0)]
            }
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in try doubleSeparator(tokens) })

    /// ALBERT: the pieces as they are, in lower case and without accents unless the settings say otherwise.
    static let albert = LegacyFamily(
        classes: ["AlbertTokenizer"], modelTypes: ["albert"],
        namedTokens: [
            "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]",
            "pad_token": "<pad>",
            "cls_token": "[CLS]", "mask_token": "[MASK]",
        ],
        pipeline: { (checkpoint) throws(TokenizerError) in
            var normalizers: [any Normalizer] = []
            for quotes in ["``", "''"] {
                normalizers.append(
                    try Normalizers.registry.make(
                        Field(literal: #"{"type": "Replace", "pattern": {"String": "\#(quotes)"}, "content": "\""}"#)))
            }
            if try !checkpoint.flag("keep_accents", default: false) {
                normalizers += [Decompose(form: .compatibility), StripAccents()] as [any Normalizer]
            }
            if try checkpoint.flag("do_lower_case", default: true) { normalizers.append(Lowercase()) }
            return try unigramPipeline(checkpoint, unknownID: 1, normalizers: normalizers) { model, _ in
                model.pieces(from: 0)
            }
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in
            TemplateProcessing(
                cls: try tokens.requiredID(\.clsToken, "cls_token"), sep: try tokens.requiredID(\.sepToken, "sep_token")
            )
        })

    /// T5: the pieces, and behind them sentinels in descending order.
    static let t5 = LegacyFamily(
        classes: ["T5Tokenizer"], modelTypes: ["t5", "mt5", "umt5", "longt5"],
        namedTokens: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"],
        pipeline: { (checkpoint) throws(TokenizerError) in
            let sentinels = try sentinels(checkpoint.files)
            return try unigramPipeline(checkpoint, unknownID: 2) { model, _ in
                model.pieces(from: 0) + sentinels.reversed().map { ($0, 0) }
            }
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in
            let eos = TemplateProcessing.Piece.special([try tokens.requiredID(\.eosToken, "eos_token")], typeID: 0)
            return TemplateProcessing(
                single: [.sequence(0, typeID: 0), eos],
                pair: [.sequence(0, typeID: 0), eos, .sequence(1, typeID: 0), eos])
        },
        extraTokens: { (files) throws(TokenizerError) in
            (files.sentencePieceModel?.addedTokens ?? []) + (try sentinels(files)).map(AddedToken.init(special:))
        })

    /// Llama 2: byte-pair encoding of the pieces, falling back to bytes.
    static let llama = LegacyFamily(
        classes: ["LlamaTokenizer"], modelTypes: ["llama", "mistral"],
        namedTokens: ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"],
        pipeline: { (checkpoint) throws(TokenizerError) in
            let pieces = try checkpoint.requiredSentencePieceModel()
            let vocabulary = Vocabulary(pieces.pieces.enumerated().map { ($0.element.text, Int32($0.offset)) })
            let merges = try MergeReader(vocabulary, prefix: "").read(pieces.merges(in: vocabulary), file: pieces.file)
            var options = BPE.Options()
            (options.fuseUnknown, options.byteFallback) = (true, true)
            let isLegacy = try checkpoint.flag("legacy", default: false)
            let scheme = try checkpoint.prependScheme(isLegacy ? .always : .first)
            var decoders: [any Decoder] = [ReplaceDecoder("▁", with: " "), ByteFallbackDecoder(), Fuse()]
            if scheme != .never { decoders.append(StripDecoder(" ", start: 1, stop: 0)) }
            return TokenizerPipeline(
                preTokenizer: try PreTokenizers.registry.make(
                    Field(
                        literal:
                            #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)", "split": false}"#
                    )),
                model: BPE(vocabulary: vocabulary, merges: merges, options: options), decoder: DecoderSequence(decoders)
            )
        },
        postProcessor: { (checkpoint, tokens) throws(TokenizerError) in try beginningAndEnd(checkpoint, tokens) })

    // MARK: What they share

    private static let fairseqTokens: KeyValuePairs<String, String> = [
        "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
        "cls_token": "<s>", "mask_token": "<mask>",
    ]

    /// A Unigram model of words that begin with "▁".
    ///
    /// - Parameters:
    ///   - normalizers: what comes before the rules of the model.
    ///   - pieces: the pieces in the order of their ids, given the model and the named tokens.
    static func unigramPipeline(
        _ checkpoint: LegacyCheckpoint, unknownID: Int32, normalizers: [any Normalizer] = [],
        pieces: (SentencePieceModel, TokenizerConfiguration) -> [(token: String, score: Double)]
    ) throws(TokenizerError) -> TokenizerPipeline {
        let model = try checkpoint.requiredSentencePieceModel()
        let pieces = pieces(model, checkpoint.configuration)
        guard pieces.indices.contains(Int(unknownID)) else {
            throw TokenizerError(.malformed, "\(model.file): fewer than \(unknownID + 1) pieces")
        }
        let rules = model.charsMap.map { [Precompiled($0)] } ?? []
        let scheme = try checkpoint.prependScheme()
        return TokenizerPipeline(
            normalizer: NormalizerSequence(normalizers + rules),
            preTokenizer: try PreTokenizers.registry.make(
                Field(
                    literal: #"""
                        {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                         {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)"}]}
                        """#)),
            model: Unigram(pieces: pieces, unknown: unknownID, byteFallback: false, file: model.file),
            decoder: MetaspaceDecoder(prependScheme: scheme))
    }

    /// `<s> A </s>`, and for a pair `<s> A </s></s> B </s>`, all of type 0.
    private static func doubleSeparator(_ tokens: LegacyTokens) throws(TokenizerError) -> any PostProcessor {
        let bos = TemplateProcessing.Piece.special([try tokens.requiredID(\.bosToken, "bos_token")], typeID: 0)
        let eos = TemplateProcessing.Piece.special([try tokens.requiredID(\.eosToken, "eos_token")], typeID: 0)
        let single: [TemplateProcessing.Piece] = [bos, .sequence(0, typeID: 0), eos]
        return TemplateProcessing(single: single, pair: single + [eos, .sequence(1, typeID: 0), eos])
    }

    /// T5's `<extra_id_0>`, `<extra_id_1>`, ….
    private static func sentinels(_ files: LegacyFiles) throws(TokenizerError) -> [String] {
        let count = try files.settings["extra_ids"].optional { (field) throws(TokenizerError) in
            try field.integer(in: 0...100_000)
        }
        return (0..<(count ?? 100)).map { "<extra_id_\($0)>" }
    }
}

extension SentencePieceModel {
    /// The pieces from a place on, with their scores.
    func pieces(from start: Int) -> [(token: String, score: Double)] {
        pieces.dropFirst(start).map { ($0.text, $0.score) }
    }
}
