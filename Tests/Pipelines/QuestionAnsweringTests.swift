import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct QuestionAnsweringTests {
    private static func pipeline() throws -> JSONPipeline {
        try JSONPipeline(directory: Fixtures.checkpoint("span-bert"), threads: 1)
    }

    private static func input(_ question: String, _ context: String) -> JSONValue {
        .object(JSONObject([("question", .string(question)), ("context", .string(context))]))
    }

    @Test(arguments: ["span-bert", "span-roberta", "span-xlm-roberta", "span-distilbert"])
    func theTaskIsThatOfTheArchitecture(checkpoint: String) throws {
        #expect(try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), threads: 1).task == "question-answering")
    }

    @Test func aHeadOfOtherLabelsIsRefused() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("span-bert"))
        let edit = JSONObject([
            ("file", .string("config.json")), ("path", .array([.string("num_labels")])), ("value", .integer(3)),
        ])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
        let error = #expect(throws: CheckpointError.self) { try JSONPipeline(directory: directory.path, threads: 1) }
        #expect(error?.message.contains("3 labels") == true, "\(String(describing: error))")
    }

    /// Pieces that hardly proceed, many answers, and answers as long as the context.
    @Test(arguments: [
        [("max_seq_len", 40), ("doc_stride", 28)], [("top_k", 1_000_000_000), ("max_answer_len", 1_000_000_000)],
    ])
    func whatWouldBeTooLargeIsRefusedBeforeItIsMade(parameters: [(String, Int)]) async throws {
        let context = String(repeating: "never before ", count: 4000)
        let scope = RequestScope(answerLimit: 4 << 20) { true }
        let error = await #expect(throws: PipelineError.self) {
            try await Self.pipeline().prepare(
                Self.input("Is it good?", context),
                parameters: JSONObject(parameters.map { ($0, .integer($1)) }), in: scope)
        }
        #expect(error?.code == .answerTooLarge, "\(String(describing: error))")
    }

    @Test func aLongContextIsReadInPieces() async throws {
        let context = String(repeating: "never before ", count: 4000)
        let request = try await Self.pipeline().prepare(
            Self.input("Is it good?", context),
            in: RequestScope(answerLimit: AnswerSize.limit) { true })
        #expect(request.work.sequences.count > 100)
        #expect(request.work.sequences.allSatisfy { $0.ids.count <= 40 })
    }
}
