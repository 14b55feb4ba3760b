import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockTestSupport
import Testing

/// How far a text is cut that is to be truncated.
@Suite struct TruncationTests {
    private static let text = String(repeating: "the cat sat on the mat ", count: 20)

    /// The tokens of the text in `bert-tiny`, which has 48 positions, if its tokenizer_config.json says this.
    private static func ids(_ key: String, _ value: String, _ parameters: JSONObject) async throws -> [Int32] {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.write(
            "tokenizer_config.json", #"{"tokenizer_class": "BertTokenizer", "\#(key)": \#(value)}"#.utf8)
        let pipeline = try JSONPipeline(directory: directory.path, task: "feature-extraction", threads: 1)
        return try await pipeline.prepare(.string(text), parameters: parameters).work.sequences[0].ids
    }

    private static let truncated = JSONObject([("truncation", .bool(true))])

    @Test(arguments: [("48", 48), ("1e30", 48), ("2147483647", 48), ("null", 48), ("7", 7)])
    func lengthsAreThoseOfTokenizerAndModel(written: String, length: Int) async throws {
        #expect(try await Self.ids("model_max_length", written, Self.truncated).count == length)
    }

    private static let families: [(String, String, Int?)] = [
        ("bert-tiny", "fill-mask", 48), ("roberta-tokens", "token-classification", nil),
        ("modernbert-masked", "fill-mask", 200), ("modernbert-sequence", "text-classification", 48),
        ("nomic-sequence", "text-classification", 48), ("gte-sequence", "text-classification", 48),
        ("deberta-sequence", "text-classification", 48), ("electra-sequence", "text-classification", 48),
        ("albert-sequence", "text-classification", 48), ("distilbert-untied", "feature-extraction", 48),
        ("st-qwen3", "feature-extraction", 160), ("zero-shot-bert", "zero-shot-classification", 40),
        ("bert-tokens", "token-classification", 40), ("mpnet-sequence", "text-classification", nil),
    ]

    /// Upstream cuts to `model_max_length`; models with learned positions fail then. Here the limit is told.
    @Test(arguments: families)
    func lengthsBeyondThePositionsAreRefused(checkpoint: String, task: String, positions: Int?) async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        let edit = JSONObject([
            ("file", .string("tokenizer_config.json")), ("path", .array([.string("model_max_length")])),
            ("value", .integer(700)),
        ])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
        func tokens(_ text: String, maxInputTokens: Int? = nil) async throws -> Int {
            var options = LoadOptions()
            options.maxInputTokens = maxInputTokens
            let pipeline = try JSONPipeline(directory: directory.path, task: task, options, threads: 1)
            let parameters =
                switch task {
                case "zero-shot-classification": JSONObject([("candidate_labels", .array([.string("a")]))])
                case "token-classification": JSONObject()
                case "fill-mask": JSONObject([("tokenizer_kwargs", .object(Self.truncated))])
                default: Self.truncated
                }
            return try await pipeline.prepare(.string(text), parameters: parameters).work.sequences[0].ids.count
        }
        let mask = task == "fill-mask" ? "[MASK] " : ""
        let long = mask + String(repeating: Self.text, count: 10)
        let error = await #expect(throws: PipelineError.self) { try await tokens(long) }
        #expect(error?.code == .inputTooLong, "\(String(describing: error))")
        if let positions { #expect(error?.message.contains("at most \(positions)") == true) }
        // What fits is not cut, and who sets a length for the model has texts cut to it.
        #expect(try await tokens(mask + "the cat") < 40)
        #expect(try await tokens(long, maxInputTokens: 30) == 30)
    }

    @Test(arguments: ["max_seq_length", "tokenizer_args"])
    func sentencesOfLengthsBeyondThePositionsAreRefused(key: String) async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("st-mean"))
        let value = key == "max_seq_length" ? "500" : #"{"model_max_length": 500}"#
        try directory.write("sentence_bert_config.json", #"{"\#(key)": \#(value)}"#.utf8)
        let pipeline = try JSONPipeline(directory: directory.path, threads: 1)
        let error = await #expect(throws: PipelineError.self) { try await pipeline.prepare(.string(Self.text)) }
        #expect(error?.code == .inputTooLong && error?.message.contains("at most 40") == true)
        _ = try await pipeline.prepare(.string("the cat sat"))
    }

    /// The routes of Text Embeddings Inference know no other length than that of the model.
    @Test func textsAreCutToTheModelIfThatIsAskedFor() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.write(
            "tokenizer_config.json", #"{"tokenizer_class": "BertTokenizer", "model_max_length": 700}"#.utf8)
        let loaded = try LoadedModel(
            directory: directory.path, reading: .hiddenStates, LoadOptions(), threads: 1)
        let task = try loaded.task(FeatureExtraction.self, in: makeTurns(threads: 1))
        var options = FeatureExtraction.Options()
        options.tokenization.truncation = .cut(.longestFirst)
        #expect(throws: PipelineError.self) { try task.prepare(Self.text, options, in: .unbounded) }
        options.tokenization.cutsToModel = true
        #expect(try task.prepare(Self.text, options, in: .unbounded).sequences[0].ids.count == 48)
    }

    @Test func sides() async throws {
        let start = try await Self.ids("truncation_side", #""right""#, Self.truncated)
        let end = try await Self.ids("truncation_side", #""left""#, Self.truncated)
        #expect(start.count == 48 && end.count == 48 && start != end)
    }

    @Test func withoutTruncationLongTextsAreRefused() async {
        let error = await #expect(throws: PipelineError.self) {
            try await Self.ids("model_max_length", "512", JSONObject())
        }
        #expect(error?.code == .inputTooLong)
    }
}
