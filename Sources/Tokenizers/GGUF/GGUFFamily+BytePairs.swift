import PenstockJSON

extension GGUFFamily {
    /// Byte-level byte-pair encoding. `tokenizer.ggml.pre` names how texts are split.
    static let bytePairs = GGUFFamily(
        pipeline: { (vocabulary) throws(TokenizerError) in
            let split = try GGUFSplit.named(vocabulary)
            let tokens = vocabulary.vocabulary
            var options = BPE.Options()
            options.ignoreMerges = split.ignoresMerges
            let merges = try MergeReader(tokens, prefix: "").read(vocabulary.file["tokenizer.ggml.merges"])
            return TokenizerPipeline(
                normalizer: split.composes ? try Normalizers.registry.make(Field(literal: #"{"type": "NFC"}"#)) : nil,
                preTokenizer: try split.preTokenizer(),
                model: BPE(vocabulary: tokens, merges: merges, options: options), decoder: ByteLevelDecoder())
        },
        postProcessor: { (vocabulary) throws(TokenizerError) in
            let split = try GGUFSplit.named(vocabulary)
            return try beginningAndEnd(
                vocabulary, begins: split.begins, ends: false, separates: split.separates)
        },
        addedTokens: addedTokensOfMasked)
}

/// The ways in which byte-level tokenizers split texts, by the names that llama.cpp has for it (`llama-vocab.cpp`).
/// The stages are those of the models' own repositories.
struct GGUFSplit: Sendable {
    /// The values of `tokenizer.ggml.pre`.
    let names: [String]
    private let stages: [Stage]
    /// True if a word that is a token is not cut.
    var ignoresMerges = false
    /// True if texts begin with a token where the file does not say.
    var begins = false
    /// True if texts are composed.
    var composes = false
    /// True if the texts of a pair are separated by a token where the file does not say.
    var separates = false

    fileprivate enum Stage: Sendable {
        /// Bytes become scalars, after a split as for GPT-2. Without this stage they do so at the end, without a split.
        case bytes
        case digits
        case numbers
        case pattern(String)
        case punctuation
    }

    private static let unnamed = "default"

    private static let all = [
        GGUFSplit(
            names: [
                unnamed, "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "jina-es", "jina-de", "jina-v2-es",
                "jina-v2-de", "gigachat", "modern-bert", "granite-docling", "a.x-4.0", "mellum",
            ], stages: [.pattern(GPT2Scanner.pattern)]),
        GGUFSplit(names: ["roberta-bpe"], stages: [.pattern(GPT2Scanner.pattern)], separates: true),
        GGUFSplit(
            names: ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"],
            stages: [.digits, .pattern(GPT2Scanner.pattern)]),
        GGUFSplit(
            names: ["falcon"], stages: [.punctuation, .bytes, .numbers, .pattern("[0-9][0-9][0-9]")]),
        GGUFSplit(
            names: [
                "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
                "jina-v5-nano",
            ], stages: [.pattern(CL100KScanner.llama3)], ignoresMerges: true, begins: true),
        GGUFSplit(names: ["dbrx", "smaug-bpe", "chatglm-bpe", "glm4"], stages: [.pattern(CL100KScanner.llama3)]),
        GGUFSplit(names: ["qwen2"], stages: [.pattern(CL100KScanner.qwen2)], composes: true),
        GGUFSplit(
            names: ["deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"],
            stages: [.pattern(CL100KScanner.qwen2)]),
        GGUFSplit(names: ["qwen35"], stages: [.pattern(GGUFPatterns.qwen35)]),
        GGUFSplit(names: ["seed-coder"], stages: [.pattern(GGUFPatterns.seedCoder)]),
        GGUFSplit(
            names: ["minicpm5"], stages: [.pattern(DigitsScanner.pattern), .pattern(GGUFPatterns.wholeNumbers)],
            ignoresMerges: true),
        GGUFSplit(
            names: ["tekken"], stages: [.pattern(O200KScanner.tekken)], ignoresMerges: true, begins: true),
        GGUFSplit(
            names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], stages: [.pattern(O200KScanner.gpt4o)]),
        GGUFSplit(names: ["bloom", "poro-chat", "gpt3-finnish"], stages: [.pattern(BloomScanner.pattern)]),
        GGUFSplit(names: ["viking"], stages: [.pattern(BloomScanner.pattern), .digits]),
        GGUFSplit(
            names: ["deepseek-v3"],
            stages: [
                .pattern(DigitsScanner.pattern), .pattern(RangesScanner.deepSeek), .pattern(DeepSeekScanner.pattern),
            ]),
        GGUFSplit(
            names: ["deepseek-coder"],
            stages: [
                .pattern("[\r\n]"), .pattern(#"\s?\p{L}+"#), .pattern(#"\s?\p{P}+"#),
                .pattern(RangesScanner.deepSeekCoder), .digits,
            ]),
        GGUFSplit(
            names: ["deepseek-llm"],
            stages: [
                .pattern("[\r\n]"), .pattern(GGUFPatterns.deepSeekLetters), .pattern(GGUFPatterns.deepSeekMarks),
                .pattern(#"\s+$"#), .pattern(RangesScanner.deepSeekCoder), .digits,
            ]),
    ]

    /// The one that a file names.
    static func named(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> GGUFSplit {
        let name = try vocabulary.string("pre") ?? unnamed
        guard let split = all.first(where: { $0.names.contains(name) }) else {
            throw vocabulary.file["tokenizer.ggml.pre"].unsupported(
                "\"\(name)\" is not supported; known are \(all.flatMap(\.names).joined(separator: ", "))")
        }
        return split
    }

    func preTokenizer() throws(TokenizerError) -> any PreTokenizer {
        let hasBytes = stages.contains { if case .bytes = $0 { true } else { false } }
        let components = stages.map(\.component) + (hasBytes ? [] : [Self.bytes(splits: false)])
        let sequence = JSONObject([
            ("type", .string("Sequence")), ("pretokenizers", .array(components.map(JSONValue.object))),
        ])
        return try PreTokenizers.registry.make(Field(file: "", document: .object(sequence)))
    }

    fileprivate static func bytes(splits: Bool) -> JSONObject {
        JSONObject([
            ("type", .string("ByteLevel")), ("add_prefix_space", .bool(false)), ("trim_offsets", .bool(true)),
            ("use_regex", .bool(splits)),
        ])
    }
}

extension GGUFSplit.Stage {
    /// The component of tokenizer.json.
    fileprivate var component: JSONObject {
        switch self {
        case .bytes: GGUFSplit.bytes(splits: true)
        case .digits: JSONObject([("type", .string("Digits")), ("individual_digits", .bool(true))])
        case .numbers: JSONObject([("type", .string("Digits")), ("individual_digits", .bool(false))])
        case .pattern(let pattern):
            JSONObject([
                ("type", .string("Split")), ("behavior", .string("Isolated")), ("invert", .bool(false)),
                ("pattern", .object(JSONObject([("Regex", .string(pattern))]))),
            ])
        case .punctuation: JSONObject([("type", .string("Punctuation")), ("behavior", .string("Contiguous"))])
        }
    }
}
