import PenstockJSON
import PenstockTestSupport
import PenstockTokenizers

/// What scripts/make_tokenizer_families.py recorded; the formats are told there.
enum FamilyGoldens {
    /// The families with a tokenizer.json among the fixtures, or among the models that scripts fetch.
    static let names = [
        "bert", "bert-cased", "mpnet", "roberta", "roberta-prefix", "gpt2", "opt", "gpt-neox", "modernbert",
        "deberta-v1", "bloom",
        "llama3", "qwen2", "gpt4o", "deepseek", "deepseek-coder", "smollm", "clip", "llama2", "phi3",
        "llama2-metaspace", "gemma",
        "nllb", "xlm-roberta", "camembert", "t5", "mt5", "mbart", "mbart50", "albert", "deberta-v3", "xlnet",
        "openai-gpt", "wav2vec2",
        "scripts", "splits", "byte-normalizer",
    ]
    /// Real tokenizers.
    static let fetched = ["all-MiniLM-L6-v2", "SmolLM2-135M"]

    static func directory(of name: String) -> String {
        fetched.contains(name)
            ? PenstockTestSupport.Fixtures.model(name) : PenstockTestSupport.Fixtures.path("tokenizer-families/\(name)")
    }

    fileprivate static func bytes(_ file: String) throws -> [UInt8] {
        try PenstockTestSupport.Fixtures.bytes(atPath: PenstockTestSupport.Fixtures.path("tokenizer-families/\(file)"))
    }

    private static let allCases = Result { () throws -> [Case] in
        try bytes("cases.jsonl").split(separator: UInt8(ascii: "\n")).map {
            Case(try JSONValue(parsing: $0))
        }
    }

    /// The cases of all families.
    static func cases() throws -> [Case] { try allCases.get() }

    private static let tokenizers = SharedValues<Tokenizer>()

    /// The tokenizer of a family, for tests that do not ask what it remembers of other texts.
    static func tokenizer(_ name: String) throws -> Tokenizer {
        try tokenizers.value(name) { try Tokenizer(directory: directory(of: name)) }
    }

    /// The contents of added tokens, in the order of tokenizer.json, for which placeholders stand.
    static func addedTokens(of name: String) throws -> [String] {
        let file = try JSONValue(
            parsing: PenstockTestSupport.Fixtures.bytes(atPath: "\(directory(of: name))/tokenizer.json"))
        return file["added_tokens"]?.array?.compactMap { $0["content"]?.string } ?? []
    }

    /// The arguments of a call.
    struct Case: Sendable {
        private let line: JSONValue

        init(_ line: JSONValue) { self.line = line }

        func input(with tokens: [String]) -> Tokenizer.Input {
            func text(_ key: String) -> String? { line[key]?.string.map { filled($0, with: tokens) } }
            func words(_ key: String) -> [String]? {
                line[key]?.array?.map { filled($0.string ?? "", with: tokens) }
            }
            if let first = words("words") {
                return words("pair_words").map { .wordPair(first, $0) } ?? .words(first)
            }
            return text("pair").map { .pair(text("text") ?? "", $0) } ?? .text(text("text") ?? "")
        }

        var addsSpecialTokens: Bool { line["special"]?.bool ?? true }
        var truncation: Truncation? { Golden(line).truncation }

        private func filled(_ text: String, with tokens: [String]) -> String {
            var result = ""
            for scalar in text.unicodeScalars {
                if (0x100000..<0x100018).contains(scalar.value) {
                    if !tokens.isEmpty { result += tokens[Int(scalar.value - 0x100000) % tokens.count] }
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
            return result
        }
    }

    /// What upstream makes of a case.
    struct Answer {
        let encoding: Encoding
        let overflowing: Int
        /// Some of the overflowing pieces, by their index.
        let pieces: [(index: Int, encoding: Encoding)]
        let checksum: UInt32
    }

    /// The columns of an encoding.
    struct Encoding: Equatable, CustomStringConvertible {
        var ids: [Int] = []
        var offsets: [Range<Int>] = []
        var words: [Int] = []
        var types: [Int] = []
        var mask: [Int] = []

        var description: String { "ids \(ids) offsets \(offsets) words \(words) types \(types) mask \(mask)" }
    }

    /// What upstream makes of arbitrary ids.
    struct Decoding {
        let ids: [Int32]
        let text: String
        let textWithoutSpecialTokens: String
    }

    /// Reads goldens.bin.
    struct Reader {
        private let bytes: [UInt8]
        private var place = 0

        init(_ name: String) throws { bytes = try FamilyGoldens.bytes("\(name)/goldens.bin") }

        var isAtEnd: Bool { place == bytes.count }

        /// The next bytes, so many of them if there are.
        private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
            let taken = bytes[place...].prefix(count)
            place = taken.endIndex
            return taken
        }

        private mutating func number() -> Int {
            var (value, shift) = (0, 0)
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                value |= Int(byte & 0x7F) << shift
                if byte < 0x80 { break }
                shift += 7
            }
            return value
        }

        private mutating func pair() -> (signed: Int, count: Int) {
            let packed = number()
            let zigzag = packed >> 4
            let signed = zigzag & 1 == 0 ? zigzag >> 1 : ~(zigzag >> 1)
            return (signed, packed & 15 == 15 ? number() : packed & 15)
        }

        private mutating func runs(_ count: Int, after start: Int) -> [Int] {
            var values: [Int] = []
            var value = start
            while values.count < count {
                let (difference, length) = pair()
                value += difference
                values += Array(repeating: value, count: length)
            }
            return values
        }

        private mutating func encoding() -> Encoding {
            let count = number()
            var encoding = Encoding()
            encoding.ids = (0..<count).map { _ in number() }
            var end = 0
            for _ in 0..<count {
                let (gap, length) = pair()
                encoding.offsets.append(end + gap..<end + gap + length)
                end += gap + length
            }
            encoding.words = runs(count, after: -1)
            encoding.types = runs(count, after: 0)
            encoding.mask = runs(count, after: 0)
            return encoding
        }

        private mutating func text() -> String {
            String(decoding: take(number()), as: UTF8.self)
        }

        /// The result of the next case; nil if it is an error.
        mutating func result() -> Answer? {
            guard number() == 1 else { return nil }
            let encoding = encoding()
            let count = number()
            let indices = count == 0 ? [] : Set([0, count / 2, count - 1]).sorted()
            let pieces = indices.map { ($0, self.encoding()) }
            let checksum = take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Answer(encoding: encoding, overflowing: count, pieces: pieces, checksum: checksum)
        }

        /// The decodings behind the cases.
        mutating func decodings() -> [Decoding] {
            (0..<number()).map { _ in
                let count = number()
                let ids = (0..<count).map { _ in Int32(number()) }
                return Decoding(ids: ids, text: text(), textWithoutSpecialTokens: text())
            }
        }
    }
}

extension FamilyGoldens.Encoding {
    init(_ encoding: Encoding) {
        ids = encoding.ids.map(Int.init)
        offsets = encoding.offsets
        words = encoding.wordIDs.map { $0 ?? -1 }
        types = encoding.typeIDs.map(Int.init)
        mask = encoding.specialTokensMask.map { $0 ? 1 : 0 }
    }
}
