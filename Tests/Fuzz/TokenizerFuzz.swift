import Foundation
import PenstockTestSupport
import PenstockTokenizers

/// Loads tokenizers from random and from damaged files, and gives them random texts and ids. What a file or a text says is
/// an error or works.
@main
struct TokenizerFuzz {
    static func main() throws {
        let fuzzer = try Fuzzer()
        try FuzzLoop.main("tokenizer-fuzz") { try fuzzer.run($0) }
    }
}

/// Makes files and texts, and does with them what a program would.
private struct Fuzzer {
    /// Directories with the files of one tokenizer each, small enough to be loaded again and again.
    private let sources: [[String: [UInt8]]]
    private let intact: [Tokenizer]
    private let directory: TemporaryDirectory

    /// Files that a tokenizer is loaded from; one of them takes random bytes.
    private static let names = [
        "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt", "special_tokens_map.json",
        "added_tokens.json", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model",
    ]

    init() throws {
        let folders = try ["tokenizer-families", "tokenizers"].flatMap { parent in
            try FileManager.default.contentsOfDirectory(atPath: Fixtures.path(parent)).sorted().map {
                Fixtures.path("\(parent)/\($0)")
            }
        }
        sources = folders.compactMap { folder in
            let files = Self.names.compactMap { name in
                (try? Fixtures.bytes(atPath: "\(folder)/\(name)")).map { (name, $0) }
            }
            return files.isEmpty ? nil : Dictionary(uniqueKeysWithValues: files)
        }
        intact = folders.compactMap { folder in
            let exists = FileManager.default.fileExists(atPath: "\(folder)/tokenizer.json")
            return exists ? try? Tokenizer(directory: folder) : nil
        }
        directory = try TemporaryDirectory()
    }

    /// Runs one iteration. Returns a word for what came of it.
    func run(_ generator: SeededGenerator) throws -> String {
        var random = Randomness(generator: generator)
        switch random.below(10) {
        case 0:
            let name = random.element(of: Self.names)
            return try load([name: random.bytes(count: random.below(4000))], &random) + " a random file"
        case 1...6:
            var files = random.element(of: sources)
            let name = random.element(of: files.keys.sorted())
            if var bytes = files[name] {
                random.damage(&bytes)
                files[name] = bytes
            }
            return try load(files, &random) + " a damaged file"
        default:
            use(random.element(of: intact), &random)
            return "used an intact tokenizer"
        }
    }

    private func load(_ files: [String: [UInt8]], _ random: inout Randomness) throws -> String {
        for (name, bytes) in files { try directory.write(name, bytes) }
        defer { for name in files.keys { try? FileManager.default.removeItem(atPath: "\(directory.path)/\(name)") } }
        guard let tokenizer = try? Tokenizer(directory: directory.path) else { return "refused" }
        use(tokenizer, &random)
        return "used"
    }

    private func use(_ tokenizer: Tokenizer, _ random: inout Randomness) {
        for _ in 0..<4 {
            let (text, other) = (random.text(tokenizer), random.text(tokenizer))
            let input: Tokenizer.Input =
                switch random.below(4) {
                case 0: .pair(text, other)
                case 1: .words([text, other])
                default: .text(text)
                }
            let truncation =
                random.below(3) > 0
                ? nil
                : Truncation(
                    maxLength: random.below(40) - 2,
                    strategy: random.element(of: [.longestFirst, .onlyFirst, .onlySecond]),
                    stride: random.below(6) - 1, direction: random.element(of: [.left, .right]),
                    returnOverflowingTokens: random.below(2) == 0)
            guard
                let encoding = try? tokenizer.encode(
                    input, addSpecialTokens: random.below(2) == 0, truncation: truncation)
            else { continue }
            let longest = max(text.unicodeScalars.count, other.unicodeScalars.count)
            for part in [encoding] + encoding.overflowing {
                precondition(part.offsets.allSatisfy { $0.upperBound <= longest }, "offsets outside of the text")
                precondition(part.ids.count == part.offsets.count && part.ids.count == part.wordIDs.count)
            }
            _ = tokenizer.tokens(of: encoding)
            _ = tokenizer.decode(encoding.ids, skipSpecialTokens: random.below(2) == 0)
        }
        let ids = (0..<random.below(30)).map { _ in
            random.below(8) == 0 ? Int32(truncatingIfNeeded: random.below(Int.max)) : Int32(random.below(3000))
        }
        _ = tokenizer.decode(ids, skipSpecialTokens: random.below(2) == 0)
    }
}

/// Random choices of all kinds.
private struct Randomness {
    var generator: SeededGenerator

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<Swift.max(bound, 1), using: &generator) }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func bytes(count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }

    /// Text of scalars from everywhere, of bytes that are not UTF-8, of the tokenizer's own tokens, or of one thing over and over.
    mutating func text(_ tokenizer: Tokenizer) -> String {
        switch below(6) {
        case 0: return String(decoding: bytes(count: below(300)), as: UTF8.self)
        case 1: return String(repeating: scalars(1 + below(3)), count: below(3000))
        case 2, 3:
            return (0..<below(20)).map { _ in
                below(4) == 0 ? scalars(below(4)) : tokenizer.token(of: Int32(below(2500))) ?? " "
            }.joined()
        default: return scalars(below(200))
        }
    }

    private mutating func scalars(_ count: Int) -> String {
        var text = ""
        for _ in 0..<count {
            let bound = element(of: [0x80, 0x80, 0x300, 0x3000, 0x10000, 0x110000])
            if let scalar = Unicode.Scalar(UInt32(below(bound))) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// Damages a file in one to four places: bytes, numbers, pieces cut out, doubled or moved, the end missing.
    mutating func damage(_ bytes: inout [UInt8]) {
        for _ in 0...below(4) where !bytes.isEmpty {
            // All but the vocabulary stands at the beginning.
            let place = below(below(4) == 0 ? bytes.count : min(bytes.count, 4000))
            switch below(12) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            case 1: bytes[place] = element(of: Array("0123456789-[]{}\":,eE.\\u".utf8))
            case 2: bytes.removeSubrange(place..<min(place + 1 + below(60), bytes.count))
            case 3:
                bytes.insert(contentsOf: bytes[place..<min(place + 1 + below(60), bytes.count)], at: below(bytes.count))
            case 4: if below(4) == 0 { bytes.removeSubrange(place...) }
            case 5: bytes.insert(contentsOf: self.bytes(count: below(6)), at: place)
            case 6...8: replaceNumber(from: place, in: &bytes)
            default: replaceWord(from: place, in: &bytes)
            }
        }
    }

    /// Puts another number in the place of the next one.
    private mutating func replaceNumber(from place: Int, in bytes: inout [UInt8]) {
        guard let start = bytes[place...].firstIndex(where: Self.isDigit) else { return }
        let end = bytes[start...].firstIndex { !Self.isDigit($0) } ?? bytes.count
        let number = element(of: [
            "0", "-1", "1", "255", "65536", "2147483647", "4294967295", "99999999999999999999", "1e9", "0.5", "null",
        ])
        bytes.replaceSubrange(start..<end, with: number.utf8)
    }

    /// Puts another word of tokenizer.json, or nothing, in the place of the next string.
    private mutating func replaceWord(from place: Int, in bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        guard let start = bytes[place...].firstIndex(of: quote),
            let end = bytes[(start + 1)...].firstIndex(of: quote)
        else { return }
        let word = element(of: [
            "", "a", "\\u0000", "[MASK]", "##", "▁", " ", "(((", "(a*)*b", "\\\\p{L}+|(?!x)", "NFC", "ByteLevel",
            "Sequence", "BPE", "Unigram",
            "WordPiece", "Metaspace", "Split", "Removed", "MergedWithNext", "always", "never", "first", "Regex",
            "String",
        ])
        bytes.replaceSubrange((start + 1)..<end, with: word.utf8)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
