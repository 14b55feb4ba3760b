import Foundation
import PenstockJSON
import PenstockTestSupport
import PenstockTokenizers

/// What scripts/make_tokenizer_fixtures.py wrote.
enum Fixtures {
    /// The folders with goldens.
    static let names = [
        "bert-uncased", "bert-cased", "added-tokens", "components", "vocab-only", "bpe-without-unknown",
        "bpe-some-bytes",
        "bpe-affixes", "unigram-ties", "legacy-xlm-roberta", "legacy-camembert", "legacy-albert", "legacy-t5",
        "legacy-llama", "legacy-roberta",
    ]

    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/tokenizers/\(name)").path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func tokenizer(_ name: String) throws -> Tokenizer { try Tokenizer(directory: path(name)) }

    private static let allGoldens = SharedValues<[Golden]>()

    static func goldens(_ name: String) throws -> [Golden] {
        try allGoldens.value(name) {
            try bytes("\(name)/goldens.jsonl").split(separator: UInt8(ascii: "\n")).map {
                Golden(try JSONValue(parsing: $0))
            }
        }
    }
}

/// One line of goldens.jsonl.
struct Golden: Sendable {
    let line: JSONValue

    init(_ line: JSONValue) { self.line = line }

    var text: String { line["text"]?.string ?? "" }
    var pair: String? { line["pair"]?.string }
    var addSpecialTokens: Bool { line["special"]?.bool ?? true }
    var isError: Bool { line["error"] != nil }
    var tokens: [String] { line["tokens"]?.array?.compactMap(\.string) ?? [] }

    var truncation: Truncation? {
        guard let truncation = line["truncation"] else { return nil }
        return Truncation(
            maxLength: truncation["max_length"]?.integer ?? -1,
            strategy: truncation["strategy"]?.string.flatMap(Truncation.Strategy.init) ?? .longestFirst,
            stride: truncation["stride"]?.integer ?? 0,
            direction: truncation["direction"]?.string.flatMap(Truncation.Direction.init) ?? .right,
            returnOverflowingTokens: true)
    }

    func encode(with tokenizer: Tokenizer) throws(TokenizerError) -> Encoding {
        try tokenizer.encode(text, pair: pair, addSpecialTokens: addSpecialTokens, truncation: truncation)
    }
}

extension Encoding {
    /// The encoding in the words of the goldens, without overflow.
    var golden: [String: [Int?]] {
        [
            "ids": ids.map { Int($0) }, "types": typeIDs.map { Int($0) }, "words": wordIDs,
            "offsets": offsets.flatMap { [$0.lowerBound, $0.upperBound] }, "mask": specialTokensMask.map { $0 ? 1 : 0 },
        ]
    }
}

extension JSONValue {
    /// The same parts of a golden.
    var golden: [String: [Int?]] {
        var parts: [String: [Int?]] = [:]
        for key in ["ids", "types", "words", "offsets", "mask"] { parts[key] = self[key]?.array?.map(\.integer) }
        return parts
    }
}

/// A folder for one test, gone with it.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], as name: String) throws {
        try writeFile(bytes, to: "\(path)/\(name)")
    }

    func write(_ text: String, as name: String) throws { try write(Array(text.utf8), as: name) }
}
