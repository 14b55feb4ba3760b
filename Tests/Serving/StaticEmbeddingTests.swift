import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Static embeddings, beyond what the reference has.
@Suite struct StaticEmbeddingTests {
    private static func served(_ directory: String, maxInputTokens: Int? = nil) throws -> ServedModel {
        var options = LoadOptions()
        options.maxInputTokens = maxInputTokens
        return try ServedModel(try JSONPipeline(directory: directory, options, threads: 1), .patient())
    }

    private static func vectors(_ model: ServedModel, _ texts: [String]) async throws -> [[Double]] {
        let answer = try JSONValue(parsing: try await model.answer(.array(texts.map(JSONValue.string))))
        return try #require(answer.array).map { try #require($0.array).compactMap(\.double) }
    }

    /// More tokens than are looked up at one time: the embedding is that of the repeated words, as a mean is.
    @Test func longTextsComeInParts() async throws {
        let model = try Self.served(Fixtures.checkpoint("static-plain"))
        let long = String(repeating: "the cat ", count: 3000)
        let found = try await Self.vectors(model, ["the cat", long, "", long + "sat", "the cat"])
        for (a, b) in zip(found[0], found[1]) { #expect(abs(a - b) < 1e-4) }
        #expect(found[0] == found[4] && found[2].allSatisfy { $0 == 0 } && found[3] != found[1])
        // The same bits whatever runs beside it.
        #expect(try await Self.vectors(model, [long]) == [found[1]])
    }

    @Test func textsBeyondTheLimit() async throws {
        let model = try Self.served(Fixtures.checkpoint("static-plain"), maxInputTokens: 5)
        _ = try await Self.vectors(model, ["a b c d e"])
        let error = await #expect(throws: PipelineError.self) { try await Self.vectors(model, ["a b c d e f"]) }
        #expect(error?.code == .inputTooLong)
        _ = try await model.answer(.string("a b c d e f"), parameters: JSONObject([("truncate", .bool(true))]))
    }

    @Test func tokensOfOnlyUnknownWordsAreNone() async throws {
        let model = try Self.served(Fixtures.checkpoint("model2vec-plain"))
        #expect(try await Self.vectors(model, ["\u{2603}"]) == [[Double](repeating: 0, count: 7)])
    }

    private static let table = Safetensors.Entry("embeddings", shape: [2, 2], [1, 2, 3, 4])

    private static let damaged: [([Safetensors.Entry], String)] = [
        ([], "embeddings"), ([Safetensors.Entry("embeddings", shape: [4], [1, 2, 3, 4])], "embeddings"),
        ([Safetensors.Entry("embeddings", shape: [0, 4], [])], "embeddings"),
        ([Safetensors.Entry("embeddings", dtype: "I8", shape: [2, 1], bytes: [1, 2])], "I8"),
        ([table, Safetensors.Entry("mapping", dtype: "I32", shape: [1], bytes: [2, 0, 0, 0])], "mapping"),
        (
            [table, Safetensors.Entry("mapping", dtype: "I64", shape: [1], bytes: .init(repeating: 255, count: 8))],
            "mapping"
        ),
        ([table, Safetensors.Entry("mapping", shape: [1], [1])], "mapping"),
        ([table, Safetensors.Entry("mapping", dtype: "I32", shape: [0], bytes: [])], "mapping"),
        ([table, Safetensors.Entry("weights", shape: [3], [1, 2, 3])], "weights"),
    ]

    @Test(arguments: damaged)
    func damagedTables(tensors: [Safetensors.Entry], word: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("model2vec-plain"))
        try directory.write("model.safetensors", Safetensors.file(tensors))
        let error = #expect(throws: CheckpointError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
        #expect(error.map { "\($0)" }?.contains(word) == true)
    }

    /// A table that has fewer rows than the tokenizer has tokens.
    @Test func tokensWithoutARowAreAnError() async throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("model2vec-plain"))
        try directory.write("model.safetensors", Safetensors.file([Self.table]))
        let model = try Self.served(directory.path)
        await #expect(throws: PipelineError.self) { try await Self.vectors(model, ["the cat"]) }
    }

    @Test func itHasNoOtherHeads() {
        #expect(throws: (any Error).self) {
            try JSONPipeline(directory: Fixtures.checkpoint("static-plain"), task: "fill-mask", threads: 1)
        }
    }
}
