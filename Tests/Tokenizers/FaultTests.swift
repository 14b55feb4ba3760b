import PenstockTokenizers
import Testing

@Suite struct FaultTests {
    private static func error(of tokenizerFile: String) throws -> TokenizerError? {
        do {
            _ = try ConfigurationTests.tokenizer(tokenizerFile)
            return nil
        } catch let error as TokenizerError {
            return error
        }
    }

    @Test(arguments: [
        ("\"version\": \"1.0\"", "\"version\": \"2.0\"", TokenizerError.Code.unsupported, "version"),
        ("\"WhitespaceSplit\"", "\"Magic\"", .unsupported, "pre_tokenizer.pretokenizers[0]"),
        ("\"Isolated\"", "\"Sideways\"", .unsupported, "pre_tokenizer.pretokenizers[1].behavior"),
        ("\"BertNormalizer\"", "7", .malformed, "normalizer.type"),
        ("\"lowercase\": true", "\"lowercase\": 1", .malformed, "normalizer.lowercase"),
        ("\"strip_accents\": null", "\"strip_accents\": \"no\"", .malformed, "normalizer.strip_accents"),
        ("\"play\": 5", "\"play\": -5", .malformed, "model.vocab"),
        ("\"play\": 5", "\"play\": 4294967296", .malformed, "model.vocab"),
        ("\"play\": 5", "\"play\": 5.5", .malformed, "model.vocab"),
        ("\"vocab\": {", "\"vocabulary\": {", .malformed, "model.vocab"),
        ("\"type\": \"WordPiece\", \"unk_token\"", "\"type\": \"BPE\", \"unk_token\"", .malformed, "model.merges"),
        ("\"max_input_chars_per_word\": 100", "\"max_input_chars_per_word\": -1", .malformed, "model.max_input"),
        ("\"ids\": [2]", "\"ids\": [2147483648]", .malformed, "post_processor.special_tokens.[CLS].ids[0]"),
        ("\"ids\": [2]", "\"ids\": {}", .malformed, "post_processor.special_tokens.[CLS].ids"),
        (
            "{\"id\": \"A\", \"type_id\": 0}}],\n", "{\"id\": \"B\", \"type_id\": 0}}],\n", .malformed,
            "post_processor.single[1]"
        ),
        ("{\"SpecialToken\": {\"id\": \"[CLS]\"", "{\"SpecialToken\": {\"id\": \"[NO]\"", .malformed, "single[0]"),
        ("\"id\": 4, \"content\"", "\"id\": -4, \"content\"", .malformed, "added_tokens[1].id"),
        ("\"content\": \"[PAD]\"", "\"content\": null", .malformed, "added_tokens[0].content"),
        ("\"cleanup\": true", "\"cleanup\": \"yes\"", .malformed, "decoder.cleanup"),
        ("\"truncation\": null", "\"truncation\": {\"max_length\": -1}", .malformed, "truncation.max_length"),
    ])
    func badPartsNameTheirPlace(_ part: String, _ bad: String, _ code: TokenizerError.Code, _ place: String) throws {
        let file = ConfigurationTests.small.replacing(part, with: bad, maxReplacements: 1)
        #expect(file != ConfigurationTests.small)
        let error = try #require(try Self.error(of: file))
        #expect(error.code == code, "\(error)")
        #expect(error.message.contains("tokenizer.json: "), "\(error)")
        #expect(error.message.contains(place), "\(error)")
    }

    @Test func unknownTypesListTheKnownOnes() throws {
        let file = ConfigurationTests.small.replacing("\"WhitespaceSplit\"", with: "\"Magic\"")
        let error = try #require(try Self.error(of: file))
        #expect(error.message.contains("\"Magic\""))
        #expect(error.message.contains("BertPreTokenizer, ByteLevel, CharDelimiterSplit"))
    }

    @Test func missingAndBrokenFiles() throws {
        #expect(throws: TokenizerError.self) { try Tokenizer(directory: "/nowhere/at/all") }
        for text in ["", "{", "[]", "null", "{}", "{\"model\": null}", "\u{FEFF}{}"] {
            #expect(try Self.error(of: text) != nil, "\(text)")
        }
        for name in ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"] {
            #expect(throws: TokenizerError.self) {
                try ConfigurationTests.tokenizer(ConfigurationTests.small, [name: "{"])
            }
        }
        let directory = try TemporaryDirectory()
        try directory.write([0x5B, 0xFF, 0x0A], as: "vocab.txt")
        #expect(throws: TokenizerError.self) { try Tokenizer(directory: directory.path) }
    }

    @Test func missingUnknownTokenMattersOnlyWhenNeeded() throws {
        let tokenizer = try ConfigurationTests.tokenizer(
            ConfigurationTests.small.replacing("\"unk_token\": \"[UNK]\"", with: "\"unk_token\": \"<none>\""))
        #expect(try tokenizer.encode("playing").ids == [2, 5, 6])
        #expect { try tokenizer.encode("zebra") } throws: { ($0 as? TokenizerError)?.code == .unencodable }
    }

    @Test func hugeAndHoleyIDs() throws {
        let tokenizer = try ConfigurationTests.tokenizer(
            ConfigurationTests.small.replacing("\"play\": 5", with: "\"play\": 2147483647"))
        #expect(tokenizer.vocabularySize == 1 << 31)
        #expect(try tokenizer.encode("play").ids == [2, .max])
        #expect(tokenizer.token(of: .max) == "play")
        #expect(tokenizer.token(of: 5) == nil)
    }

    @Test func truncationsOfTheFile() throws {
        let bytes = Array(ConfigurationTests.small.utf8)
        let directory = try TemporaryDirectory()
        for count in stride(from: 0, to: bytes.count, by: 7) {
            try directory.write(Array(bytes[..<count]), as: "tokenizer.json")
            #expect(throws: TokenizerError.self) { try Tokenizer(directory: directory.path) }
        }
    }

    /// A damaged file is refused or works; it never takes the process down.
    @Test(arguments: [("tokenizer.json", UInt64(1)), ("tokenizer_config.json", 2), ("vocab.txt", 3)])
    func flippedBytes(_ name: String, _ seed: UInt64) throws {
        let config =
            #"{"model_max_length": 512, "mask_token": {"content": "[MASK]", "lstrip": true}, "added_tokens_decoder": "#
            + #"{"0": {"content": "[PAD]", "special": true}, "12": {"content": "<new>", "normalized": true}}}"#
        var files = ["tokenizer_config.json": Array(config.utf8)]
        if name == "vocab.txt" {
            files[name] = Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nplay\n##ing\né\n".utf8)
        } else {
            files["tokenizer.json"] = Array(ConfigurationTests.small.utf8)
        }
        var random = SplitMix64(state: seed)
        let directory = try TemporaryDirectory()
        var working = 0
        for _ in 0..<600 {
            for (file, bytes) in files {
                var bytes = bytes
                if file == name {
                    for _ in 0..<Int.random(in: 1...3, using: &random) {
                        let index = Int.random(in: bytes.indices, using: &random)
                        // Half of the damage keeps the text plausible.
                        let plausible = Array("0123456789-[]{}\":,eE.".utf8)
                        bytes[index] =
                            Bool.random(using: &random)
                            ? UInt8.random(in: 0...255, using: &random) : plausible[Int(random.next() % 21)]
                    }
                }
                try directory.write(bytes, as: file)
            }
            guard let tokenizer = try? Tokenizer(directory: directory.path) else { continue }
            working += 1
            let text = "Playing the [MASK]! é <new> e\u{301} 中 zebra"
            guard let encoding = try? tokenizer.encode(text, pair: "the play") else { continue }
            #expect(encoding.offsets.allSatisfy { $0.upperBound <= text.unicodeScalars.count })
            _ = tokenizer.decode(encoding.ids + [-1, .max, .min], skipSpecialTokens: true)
            _ = tokenizer.tokens(of: encoding)
        }
        #expect(working > 30)
    }
}

/// A small generator with a seed (Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
