import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Texts that decoders of the fixtures generate.
@Suite struct TextGenerationTests {
    /// Sampling without a limit, so that each token depends on all bits of the logits.
    private static let sampled: [(String, JSONValue)] = [
        ("seed", .integer(5)), ("temperature", .double(1.5)), ("top_k", .integer(0)),
    ]

    @Test(
        arguments: [
            "bloom", "gemma", "gemma2", "gemma3", "gpt-neox", "gpt2", "llama", "llama-llama3", "llama-yarn", "mistral",
            "opt", "phi3", "qwen2", "qwen3", "smollm3",
        ])
    func greedyTextsAreThoseOfTheReference(name: String) async throws {
        let generating = try GeneratingModel(name)
        let golden = try Fixtures.json("\(Fixtures.path("decoders/\(name)"))/greedy.json")
        for golden in try #require(golden["cases"]?.array) {
            let prompt = golden["prompt"]?.array?.compactMap(\.integer) ?? []
            let tokens = golden["tokens"]?.array?.compactMap(\.integer) ?? []
            guard !tokens.isEmpty else { continue }
            let answer = try #require(try await generating.answer(prompt, new: tokens.count).first)
            #expect(answer.tokens == tokens)
            #expect(answer.text == DecoderCheckpoint.text(prompt + tokens).withoutSpace(behind: prompt))
        }
    }

    /// Texts that end in the same step have all of their tokens each.
    @Test(arguments: [1, 5])
    func choicesThatEndTogetherAreWhole(new: Int) async throws {
        let generating = try GeneratingModel()
        let parameters: [(String, JSONValue)] = [
            ("do_sample", .bool(true)), ("seed", .integer(1)), ("num_return_sequences", .integer(4)),
        ]
        let answers = try await generating.answer([3, 4, 5], new: new, parameters)
        #expect(answers.map(\.tokens.count) == [new, new, new, new])
        try await generating.waitForPages()
    }

    /// Alone, in company, in chunks, set back, and with what others have computed before: the same tokens, and the same bits.
    @Test(arguments: ["llama", "llama-dynamic"])
    func companyDoesNotMatter(name: String) async throws {
        var random = SeededGenerator(seed: 11)
        let start = GeneratingModel.tokens(130, &random)
        var prompts = [20, 3, 70, 200, 64, 128].map { Array(start.prefix(60)) + GeneratingModel.tokens($0, &random) }
        var expected: [[GeneratingModel.Answer]] = []
        for index in prompts.indices {
            let alone = try GeneratingModel(name)
            prompts[index] = Array(prompts[index].prefix(alone.model.loaded.maxInputTokens - 90))
            let prompt = prompts[index]
            expected.append(try await alone.answer(prompt, new: 90, Self.sampled))
        }
        for (threads, pages, stepTokens) in [(1, nil, nil), (2, 9, 64), (1, 7, 100), (2, 12, nil)] {
            let generating = try GeneratingModel(name, threads: threads, pages: pages, stepTokens: stepTokens)
            for _ in 0..<2 {
                let found = try await withThrowingTaskGroup(of: (Int, [GeneratingModel.Answer]).self) { group in
                    for (index, prompt) in prompts.enumerated() {
                        group.addTask { (index, try await generating.answer(prompt, new: 90, Self.sampled)) }
                    }
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                for index in prompts.indices {
                    #expect(
                        found[index] == expected[index], "\(index) of \(threads), \(pages ?? 0), \(stepTokens ?? 0)")
                }
            }
            try await generating.waitForPages()
        }
    }

    /// Returns how many tokens of a prompt had been computed before.
    private static func cached(
        _ prompt: [Int32], of caller: Caller = .anybody, by generating: GeneratingModel
    ) async throws -> Int {
        let task = try #require(generating.model.pipelines.first?.steps as? TextGeneration)
        var options = TextGeneration.Options()
        options.generation.maxNewTokens = 1
        let (stream, _) = try await generating.model.stream(
            texts: TextSize(), for: Client(of: caller, deadline: .now + .seconds(3600))
        ) { [options] (scope) async throws(PipelineError) in
            try await task.prepare([.tokens(prompt)], options, in: scope)
        }
        while try await stream.next() != nil {}
        try await generating.waitForPages()
        return stream.facts.cachedTokens
    }

    /// Prompts of less than a page share what they begin with, and tell how much.
    @Test func beginningsOfShortPromptsAreComputedOnce() async throws {
        let generating = try GeneratingModel()
        let prompt = (3..<43).map { Int32($0) }
        #expect(try await Self.cached(prompt, by: generating) == 0)
        #expect(try await Self.cached(prompt.prefix(30) + [7, 7, 7], by: generating) == 30)
        #expect(try await Self.cached(prompt, by: generating) == 39)
        #expect(try await Self.cached(prompt.prefix(5) + [7, 7, 7, 7, 7, 7], by: generating) == 0)
    }

    /// Nobody learns from what was computed before with which tokens a prompt of the owner of another key begins.
    @Test func promptsOfOtherOwnersAreNotFound() async throws {
        let generating = try GeneratingModel()
        let (one, other) = (Caller(in: Flow(.key("one"))), Caller(in: Flow(.key("other"))))
        let prompt = (0..<100).map { Int32(3 + $0 % 60) }
        #expect(try await Self.cached(prompt, of: one, by: generating) == 0)
        #expect(try await Self.cached(prompt, of: other, by: generating) == 0)
        #expect(try await Self.cached(prompt, by: generating) == 0)
        #expect(try await Self.cached(prompt, of: one, by: generating) == 99)
    }

    @Test func severalTextsOfAPromptAreThoseOfTheirChoices() async throws {
        let generating = try GeneratingModel()
        let several = try await generating.answer(
            Array(3..<80), new: 30, Self.sampled + [("num_return_sequences", .integer(4))])
        #expect(several.count == 4)
        #expect(Set(several.map(\.text)).count == 4)
        #expect(try await generating.answer(Array(3..<80), new: 30, Self.sampled)[0] == several[0])
        try await generating.waitForPages()
    }

    /// Without a seed each prompt has one of its own, which tells its text; with one, a text is that of its prompt alone.
    @Test func aPromptThatIsThereTwiceIsDrawnTwice() async throws {
        let generating = try GeneratingModel()
        let prompts = JSONValue.array(Array(repeating: .string(DecoderCheckpoint.text([3, 4, 5])), count: 6))
        func answers(_ seed: Int?) async throws -> [(text: String?, seed: Int?)] {
            var parameters: [(String, JSONValue)] = [
                ("max_new_tokens", .integer(30)), ("details", .bool(true)), ("temperature", .double(1.5)),
                ("top_k", .integer(0)),
            ]
            if let seed { parameters.append(("seed", .integer(seed))) }
            let json = try await generating.model.answer(prompts, parameters: JSONObject(parameters))
            return (try JSONValue(parsing: json).array ?? []).map { texts in
                let first = texts.array?.first
                return (first?["generated_text"]?.string, first?["details"]?["seed"]?.integer)
            }
        }
        let drawn = try await answers(nil)
        #expect(drawn.count == 6 && Set(drawn.map { $0.text }).count == 6 && Set(drawn.map { $0.seed }).count == 6)
        let seed: Int = try #require(drawn[3].seed)
        let again = try await answers(seed)
        #expect(again.count == 6 && again.allSatisfy { $0 == drawn[3] })
    }

    /// Also when pages are so few that a search begins again and again.
    @Test(arguments: [("bloom", nil), ("gpt2", nil), ("llama", nil), ("llama", 8)])
    func beamsAreThoseOfTheReference(name: String, pages: Int?) async throws {
        let generating = try GeneratingModel(name, pages: pages, generation: #"{"eos_token_id": 5}"#)
        let searches = try #require(
            try Fixtures.json("\(Fixtures.path("decoders/\(name)"))/greedy.json")["searches"]?.array)
        let found = try await withThrowingTaskGroup(of: (Int, [[Int]]).self) { group in
            for (index, search) in searches.enumerated() {
                let prompt = search["prompt"]?.array?.compactMap(\.integer) ?? []
                let parameters = search["parameters"]?.object?.entries.map { ($0.key, $0.value) } ?? []
                group.addTask {
                    let answers = try await generating.answer(
                        prompt, new: 24, parameters + [("do_sample", .bool(false))])
                    return (index, answers.map(\.tokens))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (index, search) in searches.enumerated() {
            let expected = search["answers"]?.array?.map { $0.array?.compactMap(\.integer) ?? [] }
            #expect(found[index] == expected, "\(index)")
        }
        try await generating.waitForPages()
    }

    @Test func aTextEndsAtAStopString() async throws {
        let generating = try GeneratingModel()
        let all = try await generating.answer([5, 6, 7], new: 12)[0]
        let stop = "t\(all.tokens[5])"
        let first = try #require(all.tokens.firstIndex(of: all.tokens[5]))
        let answer = try await generating.answer(
            [5, 6, 7], new: 12, [("do_sample", .bool(false)), ("stop", .string(stop))])[0]
        #expect(answer.reason == "stop_sequence")
        #expect(answer.tokens.count <= first + 1)
    }

    @Test func aTextEndsAtAnEndToken() async throws {
        let all = try await GeneratingModel().answer([5, 6, 7], new: 12)[0]
        #expect(all.reason == "length")
        let end = all.tokens[4]
        let generating = try GeneratingModel(generation: #"{"eos_token_id": [\#(end)]}"#)
        let answer = try await generating.answer([5, 6, 7], new: 12)[0]
        #expect(answer.reason == "eos_token")
        #expect(answer.tokens == Array(all.tokens[...(all.tokens.firstIndex(of: end) ?? 0)]))
    }

    /// Lengths of prompt and answer together do not count the tokens of a prefix.
    @Test func aPrefixIsNoPartOfTheLength() async throws {
        let generating = try GeneratingModel()
        let prompt = JSONValue.string(DecoderCheckpoint.text([5, 6, 7]))
        for (prefix, tokens) in [("", 6), ("t8 t9 ", 6)] {
            let parameters: [(String, JSONValue)] = [
                ("max_length", .integer(9)), ("do_sample", .bool(false)), ("details", .bool(true)),
                ("prefix", .string(prefix)),
            ]
            let json = try await generating.model.answer(prompt, parameters: JSONObject(parameters))
            let answer = try #require(try JSONValue(parsing: json).array?.first.flatMap { GeneratingModel.Answer($0) })
            #expect(answer.tokens.count == tokens && answer.reason == "length")
        }
    }

    @Test func aTextEndsWhereTheContextDoes() async throws {
        let generating = try GeneratingModel("gpt2")
        let longest = generating.model.loaded.maxInputTokens
        let answer = try await generating.answer(Array(repeating: 4, count: longest - 3), new: 50)[0]
        #expect(answer.tokens.count == 3 && answer.reason == "length")
    }

    @Test func listsNest() async throws {
        let generating = try GeneratingModel()
        let parameters = JSONObject([("max_new_tokens", .integer(2)), ("return_full_text", .bool(false))])
        let single = try await generating.model.answer(.string("t5 t6"), parameters: parameters)
        #expect(try JSONValue(parsing: single).array?.first?["generated_text"]?.string?.isEmpty == false)
        for texts in [["t5 t6"], ["t5 t6", "t9"]] {
            let json = try await generating.model.answer(.array(texts.map(JSONValue.string)), parameters: parameters)
            let lists = try #require(try JSONValue(parsing: json).array)
            #expect(lists.count == texts.count)
            #expect(lists.allSatisfy { $0.array?.count == 1 && $0.array?.first?["generated_text"] != nil })
        }
    }
}

extension String {
    /// The text as it is put together of a prompt and what follows: the decoder puts no space before its first word.
    fileprivate func withoutSpace(behind prompt: [Int]) -> String {
        let length = DecoderCheckpoint.text(prompt).utf8.count
        return String(decoding: Array(utf8.prefix(length)) + Array(utf8.dropFirst(length + 1)), as: UTF8.self)
    }
}
