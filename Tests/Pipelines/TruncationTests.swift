import PenstockJSON
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

    @Test(arguments: [("512", 48), ("1e30", 48), ("null", 48), ("7", 7)])
    func lengthsAreThoseOfTokenizerAndModel(written: String, length: Int) async throws {
        #expect(try await Self.ids("model_max_length", written, Self.truncated).count == length)
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
