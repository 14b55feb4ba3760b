import PenstockJSON

extension LegacyFamilies {
    /// vocab.json and merges.txt, byte-level, with RoBERTa's special tokens.
    static let roberta = LegacyFamily(
        classes: ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer", "MvpTokenizer"],
        modelTypes: ["roberta", "bart", "longformer", "led", "mvp"],
        namedTokens: [
            "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
            "cls_token": "<s>", "mask_token": "<mask>",
        ],
        pipeline: { (checkpoint) throws(TokenizerError) in try byteLevelPipeline(checkpoint) },
        postProcessor: { (checkpoint, tokens) throws(TokenizerError) in
            RobertaProcessing(
                cls: try tokens.requiredID(\.clsToken, "cls_token"),
                sep: try tokens.requiredID(\.sepToken, "sep_token"),
                trimsOffsets: try checkpoint.flag("trim_offsets", default: true),
                addPrefixSpace: try checkpoint.flag("add_prefix_space", default: false))
        })

    /// vocab.json and merges.txt, byte-level, without special tokens unless the settings ask for some.
    static let gpt2 = LegacyFamily(
        classes: ["GPT2Tokenizer"], modelTypes: ["gpt2", "gpt_neo", "gptj"],
        namedTokens: [
            "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
        ],
        pipeline: { (checkpoint) throws(TokenizerError) in try byteLevelPipeline(checkpoint) },
        postProcessor: { (checkpoint, tokens) throws(TokenizerError) in try beginningAndEnd(checkpoint, tokens) })

    /// vocab.json and merges.txt as CLIP has them: lower case, and a suffix where words end.
    static let clip = LegacyFamily(
        classes: ["CLIPTokenizer"], modelTypes: ["clip", "clip_text_model"],
        namedTokens: [
            "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
            "pad_token": "<|endoftext|>",
        ],
        pipeline: { (checkpoint) throws(TokenizerError) in
            var options = BPE.Options()
            options.endOfWordSuffix = "</w>"
            return TokenizerPipeline(
                normalizer: try Normalizers.registry.make(
                    Field(
                        literal: #"""
                            {"type": "Sequence", "normalizers": [{"type": "NFC"},
                             {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]}
                            """#)),
                preTokenizer: try PreTokenizers.registry.make(
                    Field(
                        literal: #"""
                            {"type": "Sequence", "pretokenizers": [
                             {"type": "Split", "behavior": "Removed", "invert": true, "pattern": {"Regex":
                              "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}},
                             {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}
                            """#)),
                model: try bytePairs(checkpoint, options: options, unknown: checkpoint.configuration.unkToken),
                decoder: ByteLevelDecoder())
        },
        postProcessor: { (_, tokens) throws(TokenizerError) in
            RobertaProcessing(
                cls: try tokens.requiredID(\.bosToken, "bos_token"),
                sep: try tokens.requiredID(\.eosToken, "eos_token"),
                trimsOffsets: false, addPrefixSpace: false)
        })

    private static func byteLevelPipeline(_ checkpoint: LegacyCheckpoint) throws(TokenizerError) -> TokenizerPipeline {
        let addPrefixSpace = try checkpoint.flag("add_prefix_space", default: false)
        return TokenizerPipeline(
            preTokenizer: try PreTokenizers.registry.make(
                Field(
                    literal:
                        #"{"type": "ByteLevel", "add_prefix_space": \#(addPrefixSpace), "trim_offsets": true, "use_regex": true}"#
                )), model: try bytePairs(checkpoint, options: BPE.Options()), decoder: ByteLevelDecoder())
    }

    /// Reads vocab.json and merges.txt.
    private static func bytePairs(
        _ checkpoint: LegacyCheckpoint, options: BPE.Options, unknown: String? = nil
    ) throws(TokenizerError) -> BPE {
        let directory = checkpoint.directory
        let vocabulary = try checkpoint.vocabularyFile()
        var options = options
        options.unknown = unknown.map {
            UnknownToken($0, file: directory.path(of: "vocab.json"), in: vocabulary)
        }
        let lines = try checkpoint.requiredBytes(of: "merges.txt")
        let merges = try MergeReader(vocabulary, prefix: "").read(lines: lines, file: directory.path(of: "merges.txt"))
        return BPE(vocabulary: vocabulary, merges: merges, options: options)
    }

    /// The token that begins a sequence and the one that ends it, as far as the settings ask for them: both texts of a
    /// pair get them.
    static func beginningAndEnd(
        _ checkpoint: LegacyCheckpoint, _ tokens: LegacyTokens
    ) throws(TokenizerError) -> any PostProcessor {
        let bos = try checkpoint.flag("add_bos_token", default: false) ? tokens.configuration.bosToken : nil
        let eos = try checkpoint.flag("add_eos_token", default: false) ? tokens.configuration.eosToken : nil
        func pieces(_ sequence: Int) throws(TokenizerError) -> [TemplateProcessing.Piece] {
            let typeID = Int32(sequence)
            var pieces: [TemplateProcessing.Piece] = [.sequence(sequence, typeID: typeID)]
            if let bos { pieces.insert(.special([try tokens.requiredID(of: bos)], typeID: typeID), at: 0) }
            if let eos { pieces.append(.special([try tokens.requiredID(of: eos)], typeID: typeID)) }
            return pieces
        }
        return TemplateProcessing(single: try pieces(0), pair: try pieces(0) + pieces(1))
    }
}
