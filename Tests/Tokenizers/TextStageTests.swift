import PenstockJSON
import PenstockTestSupport
import PenstockTokenizers
import Testing

/// Normalizers and pre-tokenizers, each alone, on what scripts/make_text_stage_fixtures.py recorded.
@Suite struct TextStageTests {
    private static let texts = Result { try lines("texts.jsonl") }
    private static let components = Result { try lines("components.jsonl") }

    private static func lines(_ file: String) throws -> [JSONValue] {
        let path = PenstockTestSupport.Fixtures.path("text-stages/\(file)")
        return try PenstockTestSupport.Fixtures.bytes(atPath: path).split(separator: UInt8(ascii: "\n")).map {
            try JSONValue(parsing: $0)
        }
    }

    /// A tokenizer.json with these stages, whose model does not matter.
    static func tokenizer(normalizer: JSONValue? = nil, preTokenizer: JSONValue?) throws -> Tokenizer {
        try ConfigurationTests.tokenizer(
            """
            {"version": "1.0", "normalizer": \((normalizer ?? .null).serialized),
             "pre_tokenizer": \((preTokenizer ?? .null).serialized),
             "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}
            """)
    }

    /// Every scalar between letters, 4096 scalars at a time.
    private static func scalarTexts() -> [String] {
        (Array(stride(from: 0, to: 0x34000, by: 0x1000)) + [0xE0000]).compactMap { block in
            let scalars = (block..<block + 0x1000).compactMap { Unicode.Scalar(UInt32($0)) }
            return scalars.isEmpty ? nil : scalars.map { "a\($0)b" }.joined()
        }
    }

    private static func digest(_ words: [(text: String, offsets: Range<Int>)]) -> UInt32 {
        var checksum = CRC32()
        for word in words {
            for byte in word.text.utf8 { checksum.append(byte) }
            checksum.append(UInt8(0))
        }
        for word in words {
            checksum.append(Int32(word.offsets.lowerBound))
            checksum.append(Int32(word.offsets.upperBound))
        }
        return checksum.value
    }

    @Test func componentsAsUpstream() throws {
        let texts = try Self.texts.get().map { $0.string ?? "" }
        let scalarTexts = Self.scalarTexts()
        let components = try Self.components.get()
        #expect(texts.count > 100 && components.count > 250)
        for component in components {
            let name = component["name"]?.string ?? ""
            let result = Result {
                try Self.tokenizer(normalizer: component["normalizer"], preTokenizer: component["pre_tokenizer"])
            }
            guard component["refused"] == nil else {
                #expect(throws: TokenizerError.self, "\(name)") { try result.get() }
                continue
            }
            let tokenizer = try result.get()
            let digests = Array((component["digests"]?.string ?? "").utf8)
            let inputs = component["scalars"]?.bool == true ? scalarTexts : texts
            try #require(digests.count == inputs.count * 8)
            for (number, text) in inputs.enumerated() {
                let digest = String(decoding: digests[number * 8..<number * 8 + 8], as: UTF8.self)
                let words = try tokenizer.words(of: text)
                #expect(
                    Self.digest(words) == UInt32(digest, radix: 16),
                    "\(name), text \(number): \(words.prefix(40))")
            }
        }
    }

    // MARK: Scanners

    private static let pools: [[String]] = [
        Array("abcdefgXYZ").map(String.init), Array("0123456789²½٣Ⅷ").map(String.init),
        [" ", "  ", "\n", "\r\n", "\t", "\u{A0}", "\u{3000}", "\u{85}"],
        ["'s", "'T", "'re", "'LL", "'ſ", "'", "''"], Array(".,!?()[]{}<>@#$%^&*+=/\\|~`\"…。，、।۔،«»€").map(String.init),
        ["é", "É", "ǅ", "ß", "e\u{301}", "\u{301}", "\u{94D}", "ª"],
        ["中", "文", "ひ", "カ", "ー", "가", "ا", "ש", "न", "ส"],
        ["👍", "\u{200D}", "\u{FE0F}", "\u{1D552}", "\u{20000}", "\u{0}", "\u{E000}", "\u{FFFD}"],
    ]

    private static func randomText(_ random: inout SeededGenerator) -> String {
        let chosen = (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in pools.randomElement(using: &random) }
        return (0..<Int.random(in: 1...24, using: &random)).compactMap { _ in
            chosen.randomElement(using: &random)?.randomElement(using: &random)
        }.joined()
    }

    /// A scanner gives what the regular expression gives that it stands for.
    @Test func scannersFollowTheirExpressions() throws {
        var random = SeededGenerator(seed: 5)
        let patterns = try Self.components.get().filter { $0["name"]?.string?.hasPrefix("pattern ") == true }
        #expect(patterns.count > 10)
        for component in patterns {
            let expression = try #require(component["pre_tokenizer"]?["pattern"]?["Regex"]?.string)
            func splitting(_ expression: String) throws -> Tokenizer {
                try Self.tokenizer(
                    preTokenizer: JSONValue(
                        parsing: Array(
                            """
                            {"type": "Split", "behavior": "Isolated", "invert": false,
                             "pattern": {"Regex": \(JSONValue.string(expression).serialized)}}
                            """.utf8)))
            }
            // In a group it is no longer recognised.
            let (scanner, engine) = (try splitting(expression), try splitting("(?:\(expression))"))
            for _ in 0..<1000 {
                let text = Self.randomText(&random)
                let (own, other) = (try scanner.words(of: text), try engine.words(of: text))
                #expect(own.map(\.offsets) == other.map(\.offsets), "\(expression): \(text.debugDescription)")
            }
        }
    }

    // MARK: Faults

    @Test(arguments: [
        (#"(a)\1"#, TokenizerError.Code.unsupported, 5), (#"a\K"#, .unsupported, 3), ("a(?~b)", .unsupported, 3),
        (#"\p{Nothing}"#, .unsupported, 11), ("(?<=a+)b", .unsupported, 7), ("(a*)*(b?c?)*", .unsupported, 12),
        ("a{100001}", .malformed, 8), ("[z-a]", .malformed, 4), ("a)", .malformed, 1), ("(a", .malformed, 2),
        ("[a", .malformed, 2), ("*", .malformed, 0), ("a\\", .malformed, 2), (#"\x{110000}"#, .malformed, 10),
    ])
    func badExpressionsNameTheirPlace(_ expression: String, _ code: TokenizerError.Code, _ place: Int) throws {
        let pattern = "{\"Regex\": \(JSONValue.string(expression).serialized)}"
        let split = "{\"type\": \"Split\", \"pattern\": \(pattern), \"behavior\": \"Isolated\", \"invert\": false}"
        #expect {
            _ = try Self.tokenizer(preTokenizer: JSONValue(parsing: Array(split.utf8)))
        } throws: { error in
            guard let error = error as? TokenizerError else { return false }
            return error.code == code && error.message.contains("pre_tokenizer.pattern.Regex")
                && error.message.contains("at character \(place):")
        }
    }

    @Test(arguments: [
        String(repeating: "(", count: 100_000), String(repeating: "(?:", count: 100_000),
        String(repeating: "[", count: 100_000),
        "(?:(?:(?:a{1000}){1000}){1000}){1000}", "(?i)" + String(repeating: "f", count: 1000),
        String(repeating: "a|", count: 100_000), String(repeating: "[a]", count: 10_000),
    ])
    func hugeExpressionsAreRefused(_ expression: String) throws {
        let pattern = "{\"Regex\": \(JSONValue.string(expression).serialized)}"
        let split = "{\"type\": \"Split\", \"pattern\": \(pattern), \"behavior\": \"Isolated\", \"invert\": false}"
        #expect(throws: TokenizerError.self) {
            try Self.tokenizer(preTokenizer: JSONValue(parsing: Array(split.utf8)))
        }
    }

    // MARK: Time

    #if DEBUG
        private static let length = 100_000
    #else
        private static let length = 400_000
    #endif

    /// Expressions on which a plain backtracking engine would take quadratic or exponential time: seven minutes at least,
    /// where half a second suffices.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "(?:a*b|a)*c", "(?:(?>a+)b|a)*c", "(?:a++b|a)*c", "a(?=a*z)", "(?:a(?=a*z)|a)+b", "a(?!a*z)", "(a+a+)+y",
            "(?:a|a)*b", "a*?b", "a{1,30}a{1,30}b", "(?<=aaaa)b|a*c", ".*.*x", "(?:a{1,3})+b", "a|a*z",
        ])
    func expressionsTakeLinearTime(_ expression: String) throws {
        let pattern = "{\"Regex\": \(JSONValue.string(expression).serialized)}"
        let split = "{\"type\": \"Split\", \"pattern\": \(pattern), \"behavior\": \"Contiguous\", \"invert\": false}"
        let tokenizer = try Self.tokenizer(preTokenizer: JSONValue(parsing: Array(split.utf8)))
        let words = try tokenizer.words(of: String(repeating: "a", count: Self.length))
        #expect(words.map(\.offsets) == [0..<Self.length])
    }

    /// The patterns, and the other stages that might not take linear time.
    private static let stages = Result {
        try components.get().filter { component in
            guard component["refused"] == nil, component["scalars"] == nil, let name = component["name"]?.string else {
                return false
            }
            return name.hasPrefix("pattern ")
                || ["NFC", "NFKC", "NFKD", "ByteLevel True True", "Metaspace always True"].contains(name)
        }.map { try tokenizer(normalizer: $0["normalizer"], preTokenizer: $0["pre_tokenizer"]) }
    }

    @Test(
        .timeLimit(.minutes(60)),
        arguments: [
            "a", " ", "a ", "\n", "'", "\u{301}", "\u{345}\u{316}", "\u{0}", "가", "ᄀ", "ᆨ", "👍\u{200D}", "。", "1", "A",
        ])
    func stagesTakeLinearTime(_ unit: String) throws {
        let text = String(repeating: unit, count: Self.length / 2 / unit.utf8.count)
        let scalars = text.unicodeScalars.count
        for tokenizer in try Self.stages.get() {
            let words = try tokenizer.words(of: text)
            #expect(words.allSatisfy { $0.offsets.upperBound <= scalars })
        }
    }
}

extension JSONValue {
    /// The value as text.
    fileprivate var serialized: String {
        switch self {
        case .null: return "null"
        case .bool(let bool): return "\(bool)"
        case .integer(let integer): return "\(integer)"
        case .double(let double): return "\(double)"
        case .array(let elements): return "[\(elements.map(\.serialized).joined(separator: ","))]"
        case .object(let object):
            let entries = object.entries.map { "\(JSONValue.string($0.key).serialized):\($0.value.serialized)" }
            return "{\(entries.joined(separator: ","))}"
        case .string(let string):
            var text = "\""
            for scalar in string.unicodeScalars {
                if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
            return text + "\""
        }
    }
}
