import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Sparse embeddings, beyond what the reference has.
@Suite struct SparseEmbeddingsTests {
    private static let long = String(repeating: "the cat sat on the mat ", count: 9)

    private static func answer(
        _ model: ServedModel, _ inputs: JSONValue, _ parameters: [(String, JSONValue)] = []
    ) async throws -> JSONValue {
        try JSONValue(parsing: try await model.answer(inputs, parameters: JSONObject(parameters)))
    }

    /// The longest text has more tokens than a head computes at one time.
    @Test(arguments: ["sparse-max", "sparse-sum"]) func companyDoesNotMatter(checkpoint: String) async throws {
        let model = try ServedModel(
            try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), threads: 2), .patient())
        let texts = ["hello world", Self.long, "", "the cat", Self.long + "a"].map(JSONValue.string)
        let together = try #require(try await Self.answer(model, .array(texts)).array)
        for (text, found) in zip(texts, together) { #expect(try await Self.answer(model, text) == found) }
    }

    @Test func theTaskIsThatOfTheModules() throws {
        for (checkpoint, task) in [("sparse-max", "sparse-embeddings"), ("sparse-plain", "fill-mask")] {
            #expect(try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), threads: 1).task == task)
        }
    }

    private static let modules = "modules.json"
    private static let pooling = "1_SpladePooling/config.json"
    private static let list =
        #"{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}"#

    @Test(arguments: [
        ("sparse-max", pooling, #"{"pooling_strategy": "mean"}"#, "pooling_strategy"),
        ("sparse-max", pooling, #"{"activation_function": "gelu"}"#, "activation_function"),
        ("sparse-max", pooling, #"{"an_unknown_key": 1}"#, "an_unknown_key"),
        ("sparse-max", "config_sentence_transformers.json", #"{"model_type": "SentenceTransformer"}"#, "model_type"),
        ("sparse-max", "config_sentence_transformers.json", #"{"max_active_dims": 0}"#, "max_active_dims"),
        ("sparse-sum", "sentence_bert_config.json", #"{"max_seq_length": 9}"#, "transformer_task"),
        ("sparse-sum", "sentence_bert_config.json", #"{"transformer_task": "feature-extraction"}"#, "transformer_task"),
        ("sparse-sum", modules, "[\(list)]", "SpladePooling"),
    ])
    func whatIsNotSupported(checkpoint: String, file: String, text: String, word: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        try directory.write(file, text.utf8)
        let error = #expect(throws: (any Error).self) {
            try JSONPipeline(directory: directory.path, task: "sparse-embeddings", threads: 1)
        }
        #expect(error.map { "\($0)" }?.contains(word) == true)
    }

    @Test func logitsAreNoDenseEmbeddings() {
        #expect(throws: (any Error).self) {
            try JSONPipeline(directory: Fixtures.checkpoint("sparse-max"), task: "sentence-similarity", threads: 1)
        }
    }

    @Test func similaritiesByName() async throws {
        let model = try ServedModel(
            try JSONPipeline(directory: Fixtures.checkpoint("sparse-max"), threads: 1), .patient())
        await #expect(throws: PipelineError.self) {
            try await Self.answer(model, .string("a"), [("similarity_fn_name", .string("hamming"))])
        }
        await #expect(throws: PipelineError.self) {
            try await Self.answer(model, .string("a"), [("max_active_dims", .integer(0))])
        }
    }
}
