import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// Texts whose next tokens are guessed.
@Suite struct LookupTests {
    @Test func whatFollowedBeforeIsGuessed() {
        let lookup = PromptLookup(most: 4)
        #expect(lookup.guess(behind: [1, 2, 3, 4, 5, 9, 1, 2], atMost: 9) == [3, 4, 5, 9])
        #expect(lookup.guess(behind: [1, 2, 3, 4, 5, 9, 1, 2], atMost: 2) == [3, 4])
        #expect(lookup.guess(behind: [1, 2, 3, 4, 5, 9, 1, 2], atMost: 0).isEmpty)
        // The longest match counts, of equally long ones the last.
        #expect(lookup.guess(behind: [7, 1, 2, 3, 0, 1, 2, 4, 0, 7, 1, 2], atMost: 1) == [3])
        #expect(lookup.guess(behind: [1, 2, 3, 1, 2, 4, 1, 2], atMost: 1) == [4])
        // What repeats itself goes on so.
        #expect(lookup.guess(behind: [5, 6, 6, 6], atMost: 4) == [6, 6, 6, 6])
        #expect(lookup.guess(behind: [1, 2, 1, 2, 1, 2], atMost: 3) == [1, 2, 1])
        for tokens in [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 1]] as [[Int32]] {
            #expect(lookup.guess(behind: tokens, atMost: 4).isEmpty)
        }
    }

    @Test func whoGuessesWrongGuessesSeldom() {
        var lookup = PromptLookup(most: 2)
        var tokens: [Int32] = [8, 9, 8, 9]
        var guesses = 0
        for _ in 0..<1000 {
            if !lookup.guess(behind: tokens, atMost: 2).isEmpty {
                guesses += 1
                lookup.note(right: 0, tokens: tokens.count)
            }
            tokens += tokens.suffix(2)
        }
        #expect((10..<50).contains(guesses))
        lookup.note(right: 1, tokens: tokens.count)
        #expect(!lookup.guess(behind: tokens, atMost: 2).isEmpty)
    }

    /// A request by chance: prompts that repeat themselves, texts that are drawn or not, and that end in all ways.
    private static func request(_ random: inout SeededGenerator) -> (prompt: [Int], new: Int, [(String, JSONValue)]) {
        var prompt = GeneratingModel.tokens(Int.random(in: 1...20, using: &random), &random)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            prompt += prompt.suffix(Int.random(in: 1...12, using: &random))
        }
        var parameters: [(String, JSONValue)] = []
        switch Int.random(in: 0..<4, using: &random) {
        case 0: parameters = [("do_sample", .bool(false))]
        case 1: parameters = [("do_sample", .bool(false)), ("repetition_penalty", .double(1.1))]
        case 2:
            parameters = [("seed", .integer(7)), ("temperature", .double(0.3)), ("num_return_sequences", .integer(3))]
        default: parameters = [("seed", .integer(Int.random(in: 0..<99, using: &random))), ("top_k", .integer(2))]
        }
        if Bool.random(using: &random) { parameters.append(("logprobs", .integer(2))) }
        if Bool.random(using: &random) {
            parameters.append(("stop", .string("t\(Int.random(in: 3..<60, using: &random))")))
        }
        if Bool.random(using: &random) {
            parameters.append(("eos_token_id", .integer(Int.random(in: 3..<60, using: &random))))
        }
        if Bool.random(using: &random) {
            let form: [(String, JSONValue)] = [
                ("type", .string("regex")), ("value", .string(#"t[1-3]\d?(?: t[1-3]\d?)*"#)),
            ]
            parameters.append(("grammar", .object(JSONObject(form))))
        }
        return (prompt, Int.random(in: 1...70, using: &random), parameters)
    }

    /// Whatever is guessed, whoever computes beside it and however few pages there are: the same tokens, and the same
    /// bits.
    @Test(
        arguments: [("llama", 1, nil), ("gpt2", 2, nil), ("llama", 2, 12), ("gemma2", 1, 40)] as [(String, Int, Int?)])
    func textsAreThoseWithoutGuesses(name: String, threads: Int, pages: Int?) async throws {
        var random = SeededGenerator(seed: UInt64(threads + (pages ?? 0)))
        let requests = (0..<16).map { _ in Self.request(&random) }
        let plain = try GeneratingModel(name)
        var expected: [[GeneratingModel.Answer]] = []
        for request in requests {
            expected.append(try await plain.answer(request.prompt, new: request.new, request.2))
        }
        for (lookup, stepTokens) in [(1, 64), (5, nil), (32, 100)] as [(Int, Int?)] {
            let guessing = try GeneratingModel(name, threads: threads, pages: pages, stepTokens: stepTokens) {
                $0.lookup = lookup
            }
            // Alone, and all at one time.
            #expect(try await guessing.answer(requests[0].prompt, new: requests[0].new, requests[0].2) == expected[0])
            let found = try await withThrowingTaskGroup(of: (Int, [GeneratingModel.Answer]).self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { (index, try await guessing.answer(request.prompt, new: request.new, request.2)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for index in requests.indices { #expect(found[index] == expected[index], "\(index) with \(lookup)") }
            try await guessing.waitForPages()
        }
    }
}
