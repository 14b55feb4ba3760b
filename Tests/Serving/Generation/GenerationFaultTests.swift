import Glibc
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// What goes wrong while texts are generated has a clear answer, and all pages come back.
@Suite struct GenerationFaultTests {
    private static let greedy: [(String, JSONValue)] = [("do_sample", .bool(false))]

    private static func options(new: Int) -> TextGeneration.Options {
        var options = TextGeneration.Options()
        options.generation.maxNewTokens = new
        options.generation.doSample = false
        return options
    }

    private static func stream(
        _ generating: GeneratingModel, _ prompt: [Int], new: Int, for client: Client
    ) async throws -> GenerationStream {
        let task = try #require(generating.model.pipelines.first?.steps as? TextGeneration)
        return try await generating.model.stream(texts: TextSize(), for: client) {
            (scope) async throws(PipelineError) in
            try await task.prepare([.text(DecoderCheckpoint.text(prompt))], options(new: new), in: scope)
        }.0
    }

    private static func patient(isGone: @escaping @Sendable () -> Bool = { false }) -> Client {
        Client(deadline: .now + .seconds(3600), isGone: isGone)
    }

    @Test func aPromptLongerThanTheContextIsRefused() async throws {
        let generating = try GeneratingModel("gpt2")
        let longest = generating.model.loaded.maxInputTokens
        let error = await #expect(throws: PipelineError.self) {
            try await generating.answer(Array(repeating: 4, count: longest), new: 1)
        }
        #expect(error?.code == .inputTooLong)
        #expect(error?.message.contains("\(longest)") == true)
    }

    @Test func aPromptLongerThanTheMemoryIsRefused() async throws {
        let generating = try GeneratingModel(pages: 2)
        let error = await #expect(throws: PipelineError.self) {
            try await generating.answer(Array(repeating: 4, count: 128), new: 1)
        }
        #expect(error?.code == .inputTooLong)
        #expect(error?.message.contains("128") == true)
        // What fits takes all of it.
        let answer = try await generating.answer(Array(repeating: 4, count: 100), new: 100)[0]
        #expect(answer.tokens.count == 28 && answer.reason == "length")
        try await generating.waitForPages()
    }

    @Test func whoHasGoneIsComputedNoMore() async throws {
        let generating = try GeneratingModel()
        let isGone = Atomic<Bool>(false)
        let stream = try await Self.stream(
            generating, [4, 5], new: 1000, for: Self.patient { isGone.load(ordering: .relaxed) })
        #expect(try await stream.next()?.token != nil)
        isGone.store(true, ordering: .relaxed)
        let error = await #expect(throws: ServingError.self) { while try await stream.next() != nil {} }
        #expect(error?.code == .clientGone)
        try await generating.waitForPages()
    }

    @Test func aDeadlineBehindTheFirstTokenIsTheLastPiece() async throws {
        let generating = try GeneratingModel { $0.streamTimeout = .zero }
        let stream = try await Self.stream(generating, [4, 5], new: 1000, for: Self.patient())
        var pieces: [GeneratedPiece] = []
        while let piece = try await stream.next() { pieces.append(piece) }
        #expect(pieces.first?.token != nil)
        #expect(pieces.last?.end == .deadline)
        #expect(pieces.count < 1000)
        // It does not bound an answer that is told as a whole.
        #expect(try await generating.answer([4], new: 100)[0].tokens.count == 100)
        try await generating.waitForPages()
    }

    @Test func theDeadlineOfAClientIsTheLastPieceOfItsStream() async throws {
        let generating = try GeneratingModel()
        let deadline = ContinuousClock.now + .seconds(1)
        let client = Client(of: .anybody, deadline: .now + .seconds(3600), streamDeadline: deadline)
        let stream = try await Self.stream(generating, [4, 5], new: 1000, for: client)
        var pieces: [GeneratedPiece] = []
        while let piece = try await stream.next() {
            pieces.append(piece)
            // No more is computed than fits in front of a reader who takes nothing.
            if pieces.count == 1 { try await Task.sleep(until: deadline, clock: .continuous) }
        }
        #expect(pieces.first?.token != nil)
        #expect(pieces.last?.end == .deadline)
        #expect(pieces.count < 1000)
        try await generating.waitForPages()
    }

    @Test func theDeadlineOfAClientBoundsAnAnswerThatIsNotStreamed() async throws {
        let generating = try GeneratingModel()
        let deadline = ContinuousClock.now + .seconds(1)
        let questions = Atomic<Int>(0)
        // Asked several times a step: behind the first token nothing comes before the deadline.
        let client = Client(deadline: deadline) {
            if questions.add(1, ordering: .relaxed).newValue > 60 {
                while ContinuousClock.now < deadline { usleep(1000) }
            }
            return false
        }
        let error = await #expect(throws: ServingError.self) {
            let parameters = JSONObject([("max_new_tokens", .integer(1000)), ("do_sample", .bool(false))])
            return try await generating.model.answer(.string("t4 t5"), parameters: parameters, for: client)
        }
        #expect(error?.code == .deadlineExceeded)
        try await generating.waitForPages()
    }

    @Test func aDeadlineBeforeTheFirstTokenIsAnError() async throws {
        let generating = try GeneratingModel()
        let client = Client(deadline: .now - .seconds(1))
        await #expect(throws: (any Error).self) {
            let stream = try await Self.stream(generating, [4, 5], new: 10, for: client)
            _ = try await stream.next()
        }
        try await generating.waitForPages()
    }

    @Test func aReaderWhoTakesNothingLosesItsPagesAndNoText() async throws {
        let generating = try GeneratingModel(pages: 4)
        let expected = try await generating.answer([4, 5], new: 150)[0]
        let slow = try await Self.stream(generating, [4, 5], new: 150, for: Self.patient())
        // Its pages are wanted by others, again and again.
        for seed in 0..<4 {
            var random = SeededGenerator(seed: UInt64(seed))
            #expect(try await generating.answer(GeneratingModel.tokens(190, &random), new: 20)[0].tokens.count == 20)
        }
        var tokens: [Int] = []
        while let piece = try await slow.next() { if let token = piece.token { tokens.append(Int(token.id)) } }
        #expect(tokens == expected.tokens)
        try await generating.waitForPages()
    }

    @Test func aStreamThatIsLetGoIsComputedNoMore() async throws {
        let generating = try GeneratingModel(pages: 5)
        for _ in 0..<100 {
            do {
                let stream = try await Self.stream(generating, [4, 5], new: 300, for: Self.patient())
                #expect(try await stream.next() != nil)
            }
            try await generating.waitForPages()
        }
    }

    /// Requests that are cancelled at moments of chance, in whatever state they are then.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func cancelledRequestsReturnTheirPages(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let generating = try GeneratingModel(threads: 2, pages: 8, stepTokens: 64)
        var requests: [Task<Void, any Error>] = []
        for _ in 0..<24 {
            let prompt = GeneratingModel.tokens(Int.random(in: 1...200, using: &random), &random)
            let (new, taken) = (Int.random(in: 1...80, using: &random), Int.random(in: 0...60, using: &random))
            let count = Int.random(in: 1...3, using: &random)
            requests.append(
                Task {
                    if count > 1 {
                        let several: [(String, JSONValue)] = [("num_return_sequences", .integer(count))]
                        _ = try await generating.answer(prompt, new: new, several)
                        return
                    }
                    let stream = try await Self.stream(generating, prompt, new: new, for: Self.patient())
                    for _ in 0..<taken where try await stream.next() == nil { return }
                })
        }
        for index in requests.indices.shuffled(using: &random).prefix(12) {
            for _ in 0..<Int.random(in: 0...200, using: &random) { await Task.yield() }
            requests[index].cancel()
        }
        for request in requests { _ = await request.result }
        try await generating.waitForPages()
        #expect(try await generating.answer([7, 8, 9], new: 5)[0].tokens.count == 5)
    }
}
