import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// How likely the tokens of prompts are, as decoders of the fixtures tell it.
@Suite struct PromptScoreTests {
    /// What is told of one text.
    private struct Told: Equatable, Sendable {
        var prompt: [ChosenToken] = []
        var tokens: [ChosenToken] = []
        var text = ""
        var end: FinishReason?
    }

    private static func patient(isGone: @escaping @Sendable () -> Bool = { false }) -> Client {
        Client(deadline: .now + .seconds(3600), isGone: isGone)
    }

    private static func options(new: Int, likeliest: Int?, texts: Int = 1) -> TextGeneration.Options {
        var options = TextGeneration.Options()
        options.returnFullText = false
        (options.generation.maxNewTokens, options.generation.numReturnSequences) = (new, texts)
        (options.generation.promptLogprobs, options.generation.logprobs) = (likeliest, likeliest)
        (options.generation.seed, options.generation.temperature, options.generation.topK) = (5, 1.5, 0)
        return options
    }

    /// What is told of a prompt and of each of the texts behind it.
    private static func told(
        _ generating: GeneratingModel, _ prompt: [Int], new: Int, likeliest: Int? = 2, texts: Int = 1,
        for client: Client = patient()
    ) async throws -> [Told] {
        let task = try #require(generating.model.pipelines.first?.steps as? TextGeneration)
        let options = options(new: new, likeliest: likeliest, texts: texts)
        let (stream, _) = try await generating.model.stream(texts: TextSize(), for: client) {
            (scope) async throws(PipelineError) in
            try await task.prepare([.tokens(prompt.map { Int32($0) })], options, in: scope)
        }
        var told = Array(repeating: Told(), count: texts)
        while let piece = try await stream.next() {
            // The prompt is told before the text.
            if !piece.prompt.isEmpty { #expect(told[piece.sequence].tokens.isEmpty) }
            told[piece.sequence].prompt += piece.prompt
            if let token = piece.token { told[piece.sequence].tokens.append(token) }
            told[piece.sequence].text += piece.text
            told[piece.sequence].end = piece.end
        }
        #expect(stream.facts.generatedTokens == told.reduce(0) { $0 + $1.tokens.count })
        #expect(stream.facts.promptTokens == prompt.count)
        if likeliest != nil { #expect(stream.facts.cachedTokens == 0) }
        return told
    }

    @Test(
        arguments: [
            "bloom", "gemma", "gemma2", "gemma3", "gpt-neox", "gpt-neox-sequential", "gpt2", "llama", "llama-biased",
            "llama-dynamic", "llama-linear", "llama-llama3", "llama-yarn", "llama-yarn-tuned", "mistral",
            "mistral-wide-window", "opt", "opt-norms-behind", "phi3", "phi3-longrope", "qwen2", "qwen3", "smollm3",
        ])
    func promptsAreAsLikelyAsTheReferenceHasIt(name: String) async throws {
        let generating = try GeneratingModel(name, stepTokens: 64)
        let golden = try Fixtures.json("\(Fixtures.path("decoders/\(name)"))/prompts.json")
        let cases = try #require(golden["cases"]?.array)
        #expect(!cases.isEmpty)
        for golden in cases {
            let prompt = golden["prompt"]?.array?.compactMap(\.integer) ?? []
            let places = try #require(golden["places"]?.array)
            let told = try await Self.told(generating, prompt, new: 0, likeliest: 3)[0]
            #expect(told.prompt.map { Int($0.id) } == prompt)
            #expect(told.prompt.first?.logprob == nil && told.prompt.first?.top == [])
            #expect(told.tokens.isEmpty && told.text.isEmpty && told.end == .length)
            #expect(places.count == prompt.count - 1)
            for (token, place) in zip(told.prompt.dropFirst(), places) {
                let logprob = Double(try #require(token.logprob))
                #expect(abs(logprob - (place["logprob"]?.double ?? .nan)) < 1e-4)
                if let rank = place["rank"]?.integer { #expect(token.rank == rank) }
                #expect(token.top.count == 3)
                for (found, expected) in zip(token.top, place["likeliest"]?.array ?? []) {
                    #expect(Int(found.id) == expected.array?[0].integer)
                    #expect(abs(Double(found.logprob) - (expected.array?[1].double ?? .nan)) < 1e-4)
                }
            }
        }
    }

    /// What is told of a text when it is generated is told of it as a prompt, to the bit.
    @Test func generatedTokensAreAsLikelyInAPrompt() async throws {
        let generating = try GeneratingModel(stepTokens: 70)
        var random = SeededGenerator(seed: 3)
        let prompt = GeneratingModel.tokens(90, &random)
        let first = try await Self.told(generating, prompt, new: 40)[0]
        let whole = try await Self.told(generating, prompt + first.tokens.map { Int($0.id) }, new: 0)[0]
        #expect(Array(whole.prompt.prefix(90)) == first.prompt)
        for (asPrompt, generated) in zip(whole.prompt.dropFirst(90), first.tokens) {
            #expect(asPrompt.id == generated.id && asPrompt.logprob == generated.logprob)
            #expect(asPrompt.top == generated.top)
            let rank = try #require(asPrompt.rank)
            if let place = generated.top.firstIndex(where: { $0.id == generated.id }) {
                #expect(rank == place + 1)
            } else {
                #expect(rank > 2)
            }
        }
    }

    /// Alone, in company, in chunks, set back, and when others have computed the same before: the same bits.
    @Test(arguments: ["llama", "llama-dynamic"])
    func companyDoesNotMatter(name: String) async throws {
        var random = SeededGenerator(seed: 12)
        let start = GeneratingModel.tokens(64, &random)
        let sizes = [(0, 0), (1, 3), (64, 0), (65, 60), (150, 0), (200, 40)]
        let longest = try GeneratingModel(name).model.loaded.maxInputTokens - 60
        var requests: [(prompt: [Int], new: Int)] = [(GeneratingModel.tokens(3, &random), 0)]
        for (own, new) in sizes {
            let prompt = Array(start.prefix(60)) + GeneratingModel.tokens(own, &random)
            requests.append((Array(prompt.prefix(longest)), new))
        }
        var expected: [Told] = []
        for request in requests {
            let alone = try GeneratingModel(name)
            let silent = try await Self.told(alone, request.prompt, new: request.new, likeliest: nil)[0]
            let told = try await Self.told(alone, request.prompt, new: request.new)[0]
            #expect(told.prompt.count == request.prompt.count && silent.prompt.isEmpty)
            #expect(told.tokens.map(\.id) == silent.tokens.map(\.id))
            expected.append(told)
        }
        for (threads, pages, stepTokens) in [(1, nil, nil), (2, 9, 64), (1, 7, 100), (2, 12, 65)] {
            let generating = try GeneratingModel(name, threads: threads, pages: pages, stepTokens: stepTokens) {
                $0.lookup = stepTokens == 65 ? 4 : 0
            }
            for _ in 0..<2 {
                let found = try await withThrowingTaskGroup(of: (Int, Told).self) { group in
                    for (index, request) in requests.enumerated() {
                        group.addTask {
                            (index, try await Self.told(generating, request.prompt, new: request.new)[0])
                        }
                        // Others, who leave what they have computed of the same prompts.
                        group.addTask {
                            (-1, try await Self.told(generating, request.prompt, new: 2, likeliest: nil)[0])
                        }
                    }
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                for index in requests.indices {
                    #expect(
                        found[index] == expected[index], "\(index) of \(threads), \(pages ?? 0), \(stepTokens ?? 0)")
                }
            }
            try await generating.waitForPages()
        }
    }

    @Test(arguments: [0, 5]) func allTextsOfAPromptHaveIt(new: Int) async throws {
        let generating = try GeneratingModel()
        let prompt = Array(3..<60) + Array(3..<60)
        let told = try await Self.told(generating, prompt, new: new, texts: 4)
        let alone = try await Self.told(generating, prompt, new: new)[0]
        #expect(told[0] == alone)
        for text in told { #expect(text.prompt == alone.prompt && text.tokens.count == new && text.end == .length) }
        try await generating.waitForPages()
    }

    /// A prompt alone may be as long as the context, and as the memory.
    @Test func nothingNeedsRoomBehindAPrompt() async throws {
        let generating = try GeneratingModel("gpt2")
        let longest = generating.model.loaded.maxInputTokens
        let prompt = Array(repeating: 4, count: longest)
        #expect(try await Self.told(generating, prompt, new: 0)[0].prompt.count == longest)
        for (prompt, new) in [(prompt, 1), (prompt + [4], 0)] {
            let error = await #expect(throws: PipelineError.self) { try await Self.told(generating, prompt, new: new) }
            #expect(error?.code == .inputTooLong)
        }
        let small = try GeneratingModel(pages: 2, stepTokens: 64)
        #expect(try await Self.told(small, Array(repeating: 4, count: 128), new: 0)[0].prompt.count == 128)
        for (length, new) in [(128, 1), (129, 0)] {
            let error = await #expect(throws: PipelineError.self) {
                try await Self.told(small, Array(repeating: 4, count: length), new: new)
            }
            #expect(error?.code == .inputTooLong)
        }
        try await small.waitForPages()
    }
}

/// What goes wrong while prompts are scored.
@Suite struct PromptScoreFaultTests {
    private static func options(likeliest: Int) -> TextGeneration.Options {
        var options = TextGeneration.Options()
        (options.generation.maxNewTokens, options.generation.promptLogprobs) = (0, likeliest)
        return options
    }

    private static func stream(
        _ generating: GeneratingModel, _ prompt: [Int32], likeliest: Int = 1, for client: Client
    ) async throws -> GenerationStream {
        let task = try #require(generating.model.pipelines.first?.steps as? TextGeneration)
        return try await generating.model.stream(texts: TextSize(), for: client) {
            (scope) async throws(PipelineError) in
            try await task.prepare([.tokens(prompt)], options(likeliest: likeliest), in: scope)
        }.0
    }

    @Test func whoGoesWhileItsPromptIsScoredIsComputedNoMore() async throws {
        let generating = try GeneratingModel(stepTokens: 64)
        // Asked several times in each of the steps.
        let questions = Atomic<Int>(0)
        let client = Client(deadline: .now + .seconds(3600)) { questions.add(1, ordering: .relaxed).newValue > 20 }
        let error = await #expect(throws: ServingError.self) {
            let stream = try await Self.stream(generating, Array(repeating: 9, count: 1000), for: client)
            while try await stream.next() != nil {}
        }
        #expect(error?.code == .clientGone)
        try await generating.waitForPages()
    }

    @Test func aDeadlineIsAnErrorAsLongAsNothingIsTold() async throws {
        let generating = try GeneratingModel()
        await #expect(throws: (any Error).self) {
            let client = Client(deadline: .now - .seconds(1))
            _ = try await Self.stream(generating, [4, 5], for: client).next()
        }
        try await generating.waitForPages()
    }

    /// What is told of a prompt counts as a part of the answer, before anything is computed.
    @Test func answersThatWouldBeTooLargeAreRefused() async throws {
        let generating = try GeneratingModel()
        let prompt = [Int32](repeating: 9, count: 1000)
        let few = Client(of: .anybody, deadline: .now + .seconds(3600), answerLimit: 4 << 20)
        let stream = try await Self.stream(generating, prompt, likeliest: 1, for: few)
        var told = 0
        while let piece = try await stream.next() { told += piece.prompt.count }
        #expect(told == 1000)
        let error = await #expect(throws: PipelineError.self) {
            try await Self.stream(generating, prompt, likeliest: 100, for: few)
        }
        #expect(error?.code == .answerTooLarge)
    }

    /// Requests that are cancelled at moments of chance, in whatever state they are then.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func cancelledRequestsReturnTheirPages(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let generating = try GeneratingModel(threads: 2, pages: 8, stepTokens: 64)
        var requests: [Task<Void, any Error>] = []
        for _ in 0..<16 {
            let prompt = GeneratingModel.tokens(Int.random(in: 1...300, using: &random), &random).map { Int32($0) }
            let taken = Int.random(in: 0...4, using: &random)
            requests.append(
                Task {
                    let client = Client(deadline: .now + .seconds(3600))
                    let stream = try await Self.stream(generating, prompt, for: client)
                    for _ in 0..<taken where try await stream.next() == nil { return }
                })
        }
        for index in requests.indices.shuffled(using: &random).prefix(8) {
            for _ in 0..<Int.random(in: 0...200, using: &random) { await Task.yield() }
            requests[index].cancel()
        }
        for request in requests { _ = await request.result }
        try await generating.waitForPages()
        #expect(try await generating.answer([7, 8, 9], new: 5)[0].tokens.count == 5)
    }
}
