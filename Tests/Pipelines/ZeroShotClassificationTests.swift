import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct ZeroShotClassificationTests {
    private static let task = "zero-shot-classification"

    /// As upstream, names of labels do not tell this task.
    @Test func aModelOfEntailmentClassifiesUnlessAskedOtherwise() throws {
        let directory = Fixtures.checkpoint("zero-shot-bert")
        #expect(try JSONPipeline(directory: directory, threads: 1).task == "text-classification")
        #expect(try JSONPipeline(directory: directory, task: Self.task, threads: 1).warnings.isEmpty)
    }

    @Test func aModelWithoutEntailmentIsWarnedOf() throws {
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint("zero-shot-camembert"), task: Self.task, threads: 1)
        #expect(pipeline.warnings.count == 1 && pipeline.warnings.first?.contains("\"entail\"") == true)
    }

    @Test(arguments: [JSONValue.string("2"), .integer(3), .integer(-1), .double(1.5), .null])
    func anIDOfNoOutputIsRefused(id: JSONValue) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("zero-shot-bert"))
        let edit = JSONObject([
            ("file", .string("config.json")), ("path", .array([.string("label2id"), .string("entailment")])),
            ("value", id),
        ])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
        let error = #expect(throws: CheckpointError.self) {
            try JSONPipeline(directory: directory.path, task: Self.task, threads: 1)
        }
        #expect(error?.message.contains("label2id") == true, "\(String(describing: error))")
    }

    /// A text with each of many labels is far larger than what was sent.
    @Test func aLongTextWithManyLabelsIsRefusedBeforeItIsRepeated() async throws {
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint("zero-shot-bert"), task: Self.task, threads: 1)
        let labels = JSONValue.array((0..<4000).map { .string("\($0)") })
        let scope = RequestScope(answerLimit: 1 << 20) { true }
        let error = await #expect(throws: PipelineError.self) {
            try await pipeline.prepare(
                .string(String(repeating: "a ", count: 100)), parameters: JSONObject([("candidate_labels", labels)]),
                in: scope)
        }
        #expect(error?.code == .answerTooLarge)
    }
}
