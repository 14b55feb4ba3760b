import PenstockTokenizers
import Testing

/// Models that make no sense, and texts that are hard on sound ones.
@Suite struct ModelFaultTests {
    private static func tokenizer(model: String, normalizer: String = "null") throws -> Tokenizer {
        try ConfigurationTests.tokenizer(#"{"normalizer": \#(normalizer), "model": \#(model)}"#)
    }

    @Test(arguments: [
        (#"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}"#, "model.merges[0]: the piece \"b\""),
        (#"{"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": [["a", "b"]]}"#, "merges[0]: the piece \"ab\""),
        (#"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}"#, "merges[0]: expected two pieces"),
        (#"{"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}"#, "merges[0]: expected two pieces"),
        (#"{"type": "BPE", "vocab": {"a": 0}, "merges": [7]}"#, "merges[0]: expected a pair, found a number"),
        (#"{"type": "BPE", "vocab": {"a": 0}, "merges": {}}"#, "model.merges: expected an array"),
        (
            #"{"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a"]], "continuing_subword_prefix": "@@"}"#,
            "merges[0]: the piece \"a\""
        ),
        (#"{"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}"#, "model.dropout: dropout 0.1"),
        (#"{"type": "BPE", "vocab": {}, "merges": [], "dropout": 7}"#, "model.dropout: expected 0 to 1"),
        (#"{"type": "BPE", "vocab": {"a": 2147483648}, "merges": []}"#, "model.vocab: the id of \"a\""),
        (#"{"type": "Unigram", "vocab": [["a", 0.0]], "unk_id": 1}"#, "model.unk_id: expected a number from 0 to 0"),
        (#"{"type": "Unigram", "vocab": [], "unk_id": 0}"#, "model.unk_id: the vocabulary is empty"),
        (#"{"type": "Unigram", "vocab": [["a"]], "unk_id": 0}"#, "model.vocab[0]: expected a piece"),
        (#"{"type": "Unigram", "vocab": {"a": 0}}"#, "model.vocab: expected an array"),
    ])
    func badModelsNameTheirPlace(_ model: String, _ message: String) throws {
        #expect { try Self.tokenizer(model: model) } throws: {
            ($0 as? TokenizerError)?.message.contains(message) == true
        }
    }

    @Test(arguments: [
        ("?", "not base64"), ("AAA=", "2 bytes cannot hold"), ("AAAAAA==", "the trie is empty"),
        ("/////w==", "there are only 0"), ("BAAAAAAAAAD/", "not UTF-8"),
    ])
    func charsMapsThatLie(_ map: String, _ message: String) throws {
        let normalizer = #"{"type": "Precompiled", "precompiled_charsmap": "\#(map)"}"#
        #expect {
            try Self.tokenizer(model: #"{"type": "Unigram", "vocab": [["a", 0]], "unk_id": 0}"#, normalizer: normalizer)
        } throws: {
            let found = ($0 as? TokenizerError)?.message ?? ""
            return found.contains("normalizer.precompiled_charsmap: ") && found.contains(message)
        }
    }

    @Test func zeroDropoutIsNone() throws {
        let tokenizer = try Self.tokenizer(
            model: #"{"type": "BPE", "vocab": {"a": 0, "aa": 1}, "merges": ["a a"], "dropout": 0}"#)
        #expect(try tokenizer.encode("aaa").ids == [1, 0])
    }

    /// Linear in practice: minutes if it were not.
    @Test(arguments: [
        #"{"type": "BPE", "vocab": {"a": 0, "aa": 1, "aaaa": 2}, "merges": ["a a", "aa aa"]}"#,
        #"{"type": "Unigram", "vocab": [["<unk>", 0], ["a", -3], ["aaaa", -4]], "unk_id": 0}"#,
    ])
    func tenMegabytesOfOneLetter(_ model: String) throws {
        let tokenizer = try Self.tokenizer(model: model)
        let count = 10_000_000
        let encoding = try tokenizer.encode(String(repeating: "a", count: count))
        #expect(encoding.count == count / 4)
        #expect(encoding.ids.allSatisfy { $0 == 2 })
        #expect(encoding.offsets.last == count - 4..<count)
    }

    @Test func aWordIsRememberedAsItWasCut() throws {
        let tokenizer = try Fixtures.tokenizer("bpe-affixes")
        let texts = try Fixtures.goldens("bpe-affixes").filter { !$0.isError && $0.pair == nil }.map(\.text)
        let first = try texts.map { try tokenizer.encode($0) }
        #expect(try texts.map { try tokenizer.encode($0) } == first)
    }

    @Test func manyThreadsShareOneTokenizer() async throws {
        let tokenizer = try Fixtures.tokenizer("bpe-affixes")
        let texts = try Fixtures.goldens("bpe-affixes").filter { !$0.isError && $0.pair == nil }.map(\.text)
        let alone = try Fixtures.tokenizer("bpe-affixes")
        let expected = try texts.map { try alone.encode($0).ids }
        try await withThrowingTaskGroup(of: [[Int32]].self) { group in
            for _ in 0..<8 { group.addTask { try texts.map { try tokenizer.encode($0).ids } } }
            for try await ids in group { #expect(ids == expected) }
        }
    }
}
