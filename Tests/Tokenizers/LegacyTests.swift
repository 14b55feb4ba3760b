import PenstockJSON
import PenstockTokenizers
import Testing

/// Checkpoints without tokenizer.json. (What they encode to is among the goldens.)
@Suite struct LegacyTests {
    private static func copy(_ name: String, _ files: [String]) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for file in files { try directory.write(try Fixtures.bytes("\(name)/\(file)"), as: file) }
        return directory
    }

    @Test func marianCutsAsSentencePiece() throws {
        let tokenizer = try Fixtures.tokenizer("legacy-marian")
        let goldens = try Fixtures.goldens("legacy-marian")
        #expect(goldens.count > 40)
        for golden in goldens {
            let encoding = try golden.encode(with: tokenizer)
            #expect(encoding.ids.map { Int($0) } == golden.line["ids"]?.array?.compactMap(\.integer), "\(golden.line)")
            let skipped = tokenizer.decode(encoding.ids, skipSpecialTokens: true)
            #expect(Array(skipped.utf8) == golden.line["skipped"]?.string.map { Array($0.utf8) }, "\(golden.line)")
        }
    }

    @Test(arguments: [
        ("legacy-xlm-roberta", "xlm-roberta"), ("legacy-t5", "mt5"), ("legacy-llama", "llama"),
        ("legacy-roberta", "bart"),
    ])
    func withoutAClassTheModelsTypeTells(_ name: String, _ type: String) throws {
        let files = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "vocab.json", "merges.txt"]
        let present = files.filter { (try? Fixtures.bytes("\(name)/\($0)")) != nil }
        let directory = try Self.copy(name, present)
        try directory.write("{\"model_type\": \"\(type)\"}", as: "config.json")
        let byType = try Tokenizer(directory: directory.path)
        try directory.write("{}", as: "config.json")
        let byFiles = try Tokenizer(directory: directory.path)
        #expect(try byType.encode("The penstock feeds").ids == byFiles.encode("The penstock feeds").ids)
    }

    @Test func unknownClassesListTheKnownOnes() throws {
        let directory = try Self.copy("legacy-t5", ["spiece.model"])
        try directory.write(#"{"tokenizer_class": "TapasTokenizer"}"#, as: "tokenizer_config.json")
        #expect { try Tokenizer(directory: directory.path) } throws: { error in
            let error = error as? TokenizerError
            return error?.code == .unsupported && error?.message.contains("T5Tokenizer") == true
        }
    }

    @Test(arguments: [
        ("merges.txt", "#version: 0.2\nĠ t\nĠ zebra\n", "merges.txt: line 3: the piece \"zebra\""),
        ("merges.txt", "Ġ t h\n", "merges.txt: line 1: expected two pieces"),
        ("vocab.json", #"{"a": -1}"#, "vocab.json: the id of \"a\""),
        ("vocab.json", "{}", "merges.txt: line 2: the piece"),
    ])
    func badFilesNameTheirPlace(_ file: String, _ contents: String, _ message: String) throws {
        let directory = try Self.copy("legacy-roberta", ["vocab.json", "merges.txt", "tokenizer_config.json"])
        try directory.write(contents, as: file)
        #expect { try Tokenizer(directory: directory.path) } throws: {
            ($0 as? TokenizerError)?.message.contains(message) == true
        }
    }

    @Test func missingCompanionsAreNamed() throws {
        for missing in ["vocab.json", "merges.txt"] {
            let files = ["vocab.json", "merges.txt", "tokenizer_config.json"].filter { $0 != missing }
            let directory = try Self.copy("legacy-roberta", files)
            #expect { try Tokenizer(directory: directory.path) } throws: {
                ($0 as? TokenizerError)?.message.contains("no \(missing)") == true
            }
        }
    }

    /// A damaged model is refused or works; it never takes the process down.
    @Test(arguments: [
        ("legacy-xlm-roberta", "sentencepiece.bpe.model"), ("legacy-llama", "tokenizer.model"),
        ("legacy-marian", "source.spm"), ("legacy-roberta", "merges.txt"), ("legacy-roberta", "vocab.json"),
    ])
    func flippedBytes(_ name: String, _ file: String) throws {
        var random = SplitMix64(state: 11)
        let others = ["tokenizer_config.json", "vocab.json", "merges.txt"].filter {
            $0 != file && (try? Fixtures.bytes("\(name)/\($0)")) != nil
        }
        let directory = try Self.copy(name, others)
        let bytes = try Fixtures.bytes("\(name)/\(file)")
        for round in 0..<120 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 3 == 0 { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
            try directory.write(damaged, as: file)
            guard let tokenizer = try? Tokenizer(directory: directory.path) else { continue }
            guard let encoding = try? tokenizer.encode("The penstock é\u{301} 中 <mask>", pair: "") else { continue }
            _ = tokenizer.decode(encoding.ids + [-1, .max], skipSpecialTokens: false)
        }
    }
}
