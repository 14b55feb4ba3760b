import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Vectors of tokens, beyond what the reference has.
@Suite struct MultiVectorEmbeddingsTests {
    private static let texts = ["hello world", "the cat sat", "", "a mat"].map(JSONValue.string)

    private static func served(_ directory: String) throws -> ServedModel {
        try ServedModel(try JSONPipeline(directory: directory, threads: 1), .patient())
    }

    private static func answer(
        _ model: ServedModel, _ inputs: JSONValue, _ parameters: [(String, JSONValue)] = []
    ) async throws -> JSONValue {
        try JSONValue(parsing: try await model.answer(inputs, parameters: JSONObject(parameters)))
    }

    @Test(arguments: ["query", "document"]) func companyDoesNotMatter(role: String) async throws {
        let model = try Self.served(Fixtures.checkpoint("tokens-colbert"))
        let parameters = [("task", JSONValue.string(role)), ("encoding_format", .string("base64"))]
        let together = try #require(try await Self.answer(model, .array(Self.texts), parameters).array)
        for (text, found) in zip(Self.texts, together) {
            #expect(try await Self.answer(model, text, parameters) == found)
        }
    }

    @Test func theTaskIsThatOfTheModules() throws {
        #expect(
            try JSONPipeline(directory: Fixtures.checkpoint("tokens-plain"), threads: 1).task
                == "multi-vector-embeddings")
    }

    /// A document of which no token is kept.
    @Test func aDocumentWithoutVectors() async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("tokens-least"))
        try directory.write("1_MultiVectorMask/config.json", #"{"keep_only_token_ids": [199]}"#.utf8)
        let model = try Self.served(directory.path)
        #expect(try await Self.answer(model, .string("hello")) == .array([]))
        let pair = JSONValue.object(
            JSONObject([("source_sentence", .string("hello")), ("sentences", .array([.string("world")]))]))
        #expect(try await Self.answer(model, pair).array?.first?.double == -1e9)
    }

    @Test(arguments: [
        ("sentence_bert_config.json", #"{"query_expansion": {"strategy": "fixed", "length": 8}}"#, "attend"),
        (
            "sentence_bert_config.json", #"{"query_expansion": {"strategy": "some", "attend": true, "length": 8}}"#,
            "strategy"
        ),
        ("sentence_bert_config.json", #"{"query_expansion": {"strategy": "min", "attend": true}}"#, "length"),
        (
            "sentence_bert_config.json", #"{"query_expansion": {"strategy": "min", "attend": true, "length": 41}}"#,
            "length"
        ),
        (
            "sentence_bert_config.json",
            #"{"query_expansion": {"strategy": "min", "attend": true, "length": 9, "token": "no such"}}"#, "token"
        ),
        ("config_sentence_transformers.json", #"{"model_type": "ColBERT"}"#, "model_type"),
        ("config_sentence_transformers.json", #"{"query_prefix": "[Q] "}"#, "query_prefix"),
        ("1_MultiVectorMask/config.json", #"{"skiplist_words": [1]}"#, "skiplist_words"),
        ("1_MultiVectorMask/config.json", #"{"keep_only_token_ids": ["a"]}"#, "keep_only_token_ids"),
        ("1_MultiVectorMask/config.json", #"{"an_unknown_key": 1}"#, "an_unknown_key"),
    ])
    func whatIsNotSupported(file: String, text: String, word: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("tokens-least"))
        try directory.write(file, text.utf8)
        let error = #expect(throws: (any Error).self) { try JSONPipeline(directory: directory.path, threads: 1) }
        #expect(error.map { "\($0)" }?.contains(word) == true)
    }

    @Test func comparisonsHaveRolesOfTheirOwn() async throws {
        let model = try Self.served(Fixtures.checkpoint("tokens-plain"))
        let pair = JSONValue.object(
            JSONObject([("source_sentence", .string("hello")), ("sentences", .array([.string("world")]))]))
        for parameter in [("task", "query"), ("precision", "binary"), ("encoding_format", "base64")] {
            await #expect(throws: PipelineError.self) {
                try await Self.answer(model, pair, [(parameter.0, .string(parameter.1))])
            }
        }
    }
}
