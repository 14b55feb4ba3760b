import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct TextRankingTests {
    // MARK: Checkpoints

    @Test(arguments: [
        ("ranking-roberta", "text-ranking"), ("ranking-xlm-roberta", "text-ranking"),
        ("ranking-camembert", "text-ranking"), ("ranking-distilbert", "text-ranking"),
        ("ranking-bert", "text-classification"),
    ])
    func crossEncodersAreKnownByTheirFiles(checkpoint: String, task: String) throws {
        #expect(try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), threads: 1).task == task)
    }

    @Test func aCrossEncoderOfSeveralLabelsClassifies() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-sequence"))
        let key = JSONValue.object(
            JSONObject([("file", .string("config.json")), ("path", .array([.string(Self.oldKey)])), Self.identity]))
        try #require(JSONEdit(key)).apply(in: directory)
        #expect(try JSONPipeline(directory: directory.path, threads: 1).task == "text-classification")
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("one label") == true)
    }

    private static let oldKey = "sbert_ce_default_activation_function"
    private static let identity = ("value", JSONValue.string("torch.nn.modules.linear.Identity"))

    @Test(arguments: [
        ("config_sentence_transformers.json", "activation_fn", JSONValue.string("torch.nn.Softmax"), "activation_fn"),
        ("config_sentence_transformers.json", "activation_fn", .integer(7), "activation_fn"),
        ("config_sentence_transformers.json", "default_prompt_name", .string("query"), "default_prompt_name"),
        ("config_sentence_transformers.json", "model_type", .string("SparseEncoder"), "model_type"),
        ("sentence_bert_config.json", "transformer_task", .string("feature-extraction"), "transformer_task"),
        ("sentence_bert_config.json", "module_output_name", .string("token_embeddings"), "module_output_name"),
        ("sentence_bert_config.json", "unknown_key", .integer(1), "unknown_key"),
    ])
    func whatWouldChangeScoresIsRefused(file: String, key: String, value: JSONValue, named: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-distilbert"))
        let edit = JSONObject([("file", .string(file)), ("path", .array([.string(key)])), ("value", value)])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
        let error = #expect(throws: CheckpointError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.message.contains(named) == true, "\(String(describing: error))")
    }

    // MARK: What clients can make large

    /// The query stands in front of each text: it is counted as often.
    @Test func aLongQueryOfManyTextsIsRefusedBeforeItIsRepeated() async throws {
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint("ranking-bert"), task: "text-ranking", threads: 1)
        let input = JSONValue.object(
            JSONObject([
                ("query", .string(String(repeating: "a ", count: 400))),
                ("texts", .array(Array(repeating: .string("b"), count: 20_000))),
            ]))
        let scope = RequestScope(answerLimit: 1 << 20) { true }
        let error = await #expect(throws: PipelineError.self) { try await pipeline.prepare(input, in: scope) }
        #expect(error?.code == .answerTooLarge)
    }

    // MARK: Order

    @Test func scoresThatAreRoundedToOneKeepTheOrderOfTheOutputs() {
        let readings = [(17.5, 1.0), (19, 1), (-3, 0.04), (19, 1), (18, 1)].map {
            TextRanking.Reading(logit: Float($0.0), score: Float($0.1))
        }
        #expect(TextRanking.ranked(readings) == [1, 3, 4, 0, 2])
    }
}
