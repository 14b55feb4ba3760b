import PenstockTestSupport
import PenstockTokenizers
import Testing

@Suite struct RobustnessTests {
    #if DEBUG
        static let length = 300_000
    #else
        static let length = 4_000_000
    #endif

    /// Megabytes of anything are done in time linear in them, whatever they are; more would take hours.
    @Test(
        .timeLimit(.minutes(60)),
        arguments: [
            "a", "a ", "[", "[MASK]", " ", "\u{0}", "\u{301}", "\u{345}\u{316}", "e\u{301}", "中", "각", "\u{200D}", "!",
            "\u{1F469}\u{200D}",
        ])
    func hugeTexts(_ unit: String) throws {
        let tokenizer = try Fixtures.tokenizer("added-tokens")
        let count = Self.length / unit.utf8.count
        let text = String(repeating: unit, count: count)
        let encoding = try tokenizer.encode(text, truncation: Truncation(maxLength: 128))
        #expect(encoding.count <= 128)
        #expect(encoding.offsets.allSatisfy { $0.upperBound <= count * unit.unicodeScalars.count })
    }

    /// Finding each among those before it would take hours.
    @Test(.timeLimit(.minutes(60))) func manySpecialTokensOfAnOldCheckpoint() throws {
        let directory = try TemporaryDirectory()
        let tokens = (0..<300_000).map { "<\($0)>" }
        try directory.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", as: "vocab.txt")
        let list = tokens.map { "\"\($0)\"" }.joined(separator: ",")
        try directory.write(
            "{\"tokenizer_class\": \"BertTokenizer\", \"additional_special_tokens\": [\(list)]}",
            as: "tokenizer_config.json")
        let tokenizer = try Tokenizer(directory: directory.path)
        #expect(try tokenizer.encode("<7>a<299999>").ids == [2, 13, 5, 300_005, 3])
    }

    @Test func overflowIsBounded() throws {
        let tokenizer = try Fixtures.tokenizer("bert-uncased")
        let text = String(repeating: "a ", count: 200_000)
        let greedy = Truncation(maxLength: 512, stride: 509, returnOverflowingTokens: true)
        #expect { try tokenizer.encode(text, truncation: greedy) } throws: {
            ($0 as? TokenizerError)?.code == .truncation
        }
        let modest = Truncation(maxLength: 512, stride: 128, returnOverflowingTokens: true)
        #expect(try tokenizer.encode(text, truncation: modest).overflowing.count == 523)
        #expect { try tokenizer.encode(text, pair: text, truncation: modest) } throws: {
            ($0 as? TokenizerError)?.code == .truncation
        }
    }

    @Test(arguments: [0, 1, 2, 3, -1, Int.min])
    func lengthsWithoutRoom(_ maxLength: Int) throws {
        let tokenizer = try Fixtures.tokenizer("bert-uncased")
        let truncation = Truncation(maxLength: maxLength, returnOverflowingTokens: true)
        if maxLength < 2 {
            #expect(throws: TokenizerError.self) { try tokenizer.encode("a b c", truncation: truncation) }
        } else {
            #expect(try tokenizer.encode("a b c", truncation: truncation).count == maxLength)
        }
    }

    @Test(arguments: [2, Int.max, -1, Int.min])
    func stridesWithoutRoom(_ stride: Int) throws {
        let tokenizer = try Fixtures.tokenizer("bert-uncased")
        var truncation = Truncation(maxLength: 4, stride: stride)
        #expect(try tokenizer.encode("a b c", truncation: truncation).count == 4)
        truncation.returnOverflowingTokens = true
        #expect(throws: TokenizerError.self) { try tokenizer.encode("a b c", truncation: truncation) }
    }

    @Test func oneTokenizerServesManyThreads() async throws {
        let tokenizer = try Fixtures.tokenizer("added-tokens")
        let goldens = try Fixtures.goldens("added-tokens").filter { !$0.isError }
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var failures = 0
                    for index in goldens.indices {
                        let golden = goldens[(index + worker * 31) % goldens.count]
                        let encoding = try golden.encode(with: tokenizer)
                        if encoding.golden != golden.line.golden { failures += 1 }
                    }
                    return failures
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(failures == 0)
    }
}
