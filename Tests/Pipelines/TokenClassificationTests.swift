import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

/// What clients can make large.
@Suite struct TokenClassificationTests {
    private static func pipeline() throws -> JSONPipeline {
        try JSONPipeline(directory: Fixtures.checkpoint("bert-tokens"), threads: 1)
    }

    private static func words(_ count: Int) -> JSONValue { .array(Array(repeating: .string("a"), count: count)) }

    @Test func aDelimiterIsShort() async throws {
        let parameters = JSONObject([
            ("is_split_into_words", .bool(true)), ("delimiter", .string(String(repeating: " ", count: 17))),
        ])
        let error = await #expect(throws: PipelineError.self) {
            try await Self.pipeline().prepare(Self.words(3), parameters: parameters)
        }
        #expect(error?.message == "parameter delimiter has 17 bytes, but at most 16 are possible")
    }

    @Test func placesFarOutsideOfTheTextAreRefusedOrCut() async throws {
        let pipeline = try Self.pipeline()
        for end in [Int.max, (1 << 31) - 1] {
            let places = JSONValue.array([.array(Array(repeating: .array([.integer(0), .integer(end)]), count: 60))])
            let parameters = JSONObject([("is_split_into_words", .bool(true)), ("offset_mapping", places)])
            if end == Int.max {
                await #expect(throws: PipelineError.self) {
                    try await pipeline.prepare(Self.words(3), parameters: parameters)
                }
            } else {
                _ = try await pipeline.prepare(Self.words(3), parameters: parameters)
            }
        }
    }

    @Test func piecesThatHardlyProceedAreRefusedBeforeTheyAreMade() async throws {
        let text = String(repeating: "a ", count: 500_000)
        let error = await #expect(throws: PipelineError.self) {
            try await Self.pipeline().prepare(
                .string(text),
                parameters: JSONObject([("stride", .integer(15)), ("aggregation_strategy", .string("simple"))]))
        }
        #expect(error?.code == .answerTooLarge)
        #expect(error?.message.contains("lower the stride") == true)
    }

    /// A long text in pieces has an answer of its own length, not of the length of all pieces' texts.
    @Test func aLongTextInPiecesIsLetIn() async throws {
        let text = String(repeating: "the cat sat on the mat ", count: 8000)
        let parameters = JSONObject([("stride", .integer(2)), ("aggregation_strategy", .string("simple"))])
        let scope = RequestScope(answerLimit: AnswerSize.limit) { true }
        let request = try await Self.pipeline().prepare(.string(text), parameters: parameters, in: scope)
        #expect(request.work.sequences.count > 1000)
    }
}
