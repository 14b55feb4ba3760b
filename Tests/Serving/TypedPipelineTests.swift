import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct TypedPipelineTests {
    private static let texts = [
        "the cat [MASK]", "a [MASK] of the [MASK]", "[MASK]", "the river was [MASK] in the city",
    ]

    private static func fillMask() async throws -> Pipeline<FillMask> {
        try await Pipeline(directory: Fixtures.checkpoint("bert-tiny"), serving: .patient())
    }

    @Test func answersAreThoseOfTheJSONForm() async throws {
        let pipeline = try await Self.fillMask()
        let served = try ServedModel(JSONPipeline(directory: Fixtures.checkpoint("bert-tiny")), .patient())
        var options = FillMask.Options()
        options.topK = 3
        for text in Self.texts {
            let typed = try await pipeline(text, options)
            let json = try JSONValue(
                parsing: try await served.answer(.string(text), parameters: JSONObject([("top_k", .integer(3))])))
            let masks = typed.count == 1 ? [json] : json.array ?? []
            #expect(masks.count == typed.count)
            for (mask, candidates) in zip(masks, typed) {
                #expect(mask.array?.map { $0["token"]?.integer } == candidates.map(\.token))
                #expect(mask.array?.map { $0["token_str"]?.string } == candidates.map(\.tokenText))
                #expect(mask.array?.map { $0["sequence"]?.string } == candidates.map(\.sequence))
                #expect(mask.array?.map { $0["score"]?.double.map { Float($0) } } == candidates.map(\.score))
            }
        }
    }

    @Test func aListIsAnsweredOneForOne() async throws {
        let pipeline = try await Self.fillMask()
        let together = try await pipeline(Self.texts)
        #expect(together.map(\.count) == [1, 2, 1, 1])
        for (text, masks) in zip(Self.texts, together) {
            let alone = try await pipeline(text)
            #expect(alone.map { $0.map(\.token) } == masks.map { $0.map(\.token) })
            #expect(alone.map { $0.map(\.score) } == masks.map { $0.map(\.score) })
        }
        #expect(try await pipeline([]).isEmpty)
    }

    @Test func aSequenceIsAnsweredInItsOrder() async throws {
        let pipeline = try await Self.fillMask()
        let texts = (0..<300).map { Self.texts[$0 % Self.texts.count] }
        let expected = try await pipeline(texts)
        let (inputs, continuation) = AsyncStream.makeStream(of: String.self)
        for text in texts { continuation.yield(text) }
        continuation.finish()
        var found: [FillMask.Output] = []
        for try await output in pipeline(inputs) { found.append(output) }
        #expect(found.map { $0.map { $0.map(\.score) } } == expected.map { $0.map { $0.map(\.score) } })
    }

    @Test func aSequenceEndsWithTheErrorOfTheInputAtFault() async throws {
        let pipeline = try await Self.fillMask()
        let (inputs, continuation) = AsyncStream.makeStream(of: String.self)
        for text in ["the [MASK]", "no mask", "a [MASK]"] { continuation.yield(text) }
        continuation.finish()
        var count = 0
        let error = await #expect(throws: PipelineError.self) {
            for try await _ in pipeline(inputs) { count += 1 }
        }
        #expect(count == 1 && error?.code == .invalidInputs)
    }

    @Test func optionsAreChecked() async throws {
        let pipeline = try await Self.fillMask()
        for topK in [-1, 1_000_000] {
            var options = FillMask.Options()
            options.topK = topK
            let error = await #expect(throws: PipelineError.self) { try await pipeline("[MASK]", options) }
            #expect(error?.code == .invalidParameter)
        }
    }
}
