import PenstockTokenizers
import Testing

@Suite struct ConfigurationTests {
    /// A tokenizer.json of BERT's kind with a dozen tokens.
    static let small = #"""
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [
           {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": true},
           {"id": 4, "content": "[MASK]", "single_word": false, "lstrip": true, "rstrip": false, "normalized": false,
            "special": true}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
           {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}]},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
           "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4,
             "play": 5, "##ing": 6, "the": 7, "!": 8, "é": 9, "e\u0301": 10}}}
        """#

    static func tokenizer(
        _ tokenizerFile: String = small, _ files: KeyValuePairs<String, String> = [:]
    ) throws -> Tokenizer {
        let directory = try TemporaryDirectory()
        try directory.write(tokenizerFile, as: "tokenizer.json")
        for (name, text) in files { try directory.write(text, as: name) }
        return try Tokenizer(directory: directory.path)
    }

    @Test func configurationFile() throws {
        let tokenizer = try Fixtures.tokenizer("bert-uncased")
        #expect(tokenizer.configuration.modelMaxLength == 512)
        #expect(tokenizer.configuration.maskToken == "[MASK]")
        #expect(tokenizer.maskTokenID == 4)
        #expect(tokenizer.padTokenID == 0)
        #expect(tokenizer.clsTokenID == 2)
        #expect(tokenizer.bosTokenID == nil)
        #expect(!tokenizer.configuration.cleanUpTokenizationSpaces)
        #expect(tokenizer.continuingSubwordPrefix == "##")
    }

    @Test func withoutConfigurationTokensAreInferred() throws {
        let tokenizer = try Self.tokenizer()
        #expect(tokenizer.configuration.maskToken == "[MASK]")
        #expect(tokenizer.configuration.padToken == "[PAD]")
        // In the vocabulary, but not among the special added tokens.
        #expect(tokenizer.configuration.sepToken == nil)
        #expect(tokenizer.configuration.modelMaxLength == nil)
        #expect(tokenizer.vocabularySize == 11)
    }

    @Test(arguments: [
        ("1000000000000000019884624838656", nil), ("1e30", nil), ("512", 512), ("512.0", 512), ("null", nil),
    ])
    func modelMaxLength(_ written: String, _ expected: Int?) throws {
        let tokenizer = try Self.tokenizer(
            Self.small, ["tokenizer_config.json": #"{"model_max_length": \#(written)}"#])
        #expect(tokenizer.configuration.modelMaxLength == expected)
    }

    @Test func olderFiles() throws {
        let tokenizer = try Self.tokenizer(
            Self.small,
            [
                "tokenizer_config.json": #"{"mask_token": "[MASK]", "model_input_names": ["input_ids"]}"#,
                "special_tokens_map.json":
                    #"{"sep_token": {"content": "[SEP]"}, "additional_special_tokens": ["<x>"]}"#,
                "added_tokens.json": #"{"<new>": 12, "<x>": 11}"#,
            ])
        #expect(tokenizer.configuration.sepToken == "[SEP]")
        #expect(tokenizer.configuration.modelInputNames == ["input_ids"])
        #expect(tokenizer.id(of: "<x>") == 11)
        #expect(tokenizer.id(of: "<new>") == 12)
        #expect(tokenizer.isSpecial(11))
        #expect(!tokenizer.isSpecial(12))
        #expect(try tokenizer.encode("<x> <new>[SEP]", addSpecialTokens: false).ids == [11, 12, 3])
        #expect(tokenizer.decode([11, 12, 3, 5], skipSpecialTokens: true) == "<new> play")
    }

    /// A name is no description of a token: that of `added_tokens_decoder` counts.
    @Test(arguments: [(true, [2, 7, 4]), (false, [2, 7, 1, 1, 1])] as [(Bool, [Int32])])
    func namedTokensAreAsTheDecoderDescribesThem(normalized: Bool, ids: [Int32]) throws {
        let config = """
            {"mask_token": "[MASK]", "added_tokens_decoder": {"4": {
              "content": "[MASK]", "lstrip": false, "rstrip": false, "single_word": false,
              "normalized": \(normalized), "special": true}}}
            """
        let tokenizer = try Self.tokenizer(Self.small, ["tokenizer_config.json": config])
        #expect(try tokenizer.encode("the [mask]").ids == ids)
        // Upstream looks for what a normalized token is called now, [mask], among the special ones.
        #expect(tokenizer.isSpecial(4) == !normalized)
    }

    @Test(arguments: [("", [2, 11, 5]), (#", "x_token": "!""#, [2, 1, 1, 1, 5])] as [(String, [Int32])])
    func tokensOfTheModel(beside: String, ids: [Int32]) throws {
        let config = #"{"model_specific_special_tokens": {"q_token": "<q>"}\#(beside)}"#
        let tokenizer = try Self.tokenizer(Self.small, ["tokenizer_config.json": config])
        #expect(try tokenizer.encode("<q> play").ids == ids)
    }

    @Test func bakedInTruncationIsOnlyTold() throws {
        let tokenizer = try Fixtures.tokenizer("bert-cased")
        let truncation = try #require(tokenizer.defaultTruncation)
        #expect(truncation == Truncation(maxLength: 16, strategy: .onlyFirst, stride: 2, direction: .left))
        let text = Array(repeating: "a", count: 40).joined(separator: " ")
        #expect(try tokenizer.encode(text).count == 42)
        #expect(try tokenizer.encode(text, truncation: truncation).count == 16)
    }

    @Test func vocabularyFileAlone() throws {
        let directory = try TemporaryDirectory()
        try directory.write("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\nplay\r\n##ing\r\n", as: "vocab.txt")
        let tokenizer = try Tokenizer(directory: directory.path)
        #expect(try tokenizer.encode("Playing chess").ids == [2, 4, 5, 1, 3])
        #expect(try tokenizer.encode("play", pair: "Pláy").typeIDs == [0, 0, 0, 1, 1])
        #expect(tokenizer.configuration.maskToken == nil)
        #expect(tokenizer.vocabularySize == 6)
    }

    @Test func tokensAreToldApartByTheirBytes() throws {
        let tokenizer = try Self.tokenizer()
        #expect(tokenizer.id(of: "\u{E9}") == 9)
        #expect(tokenizer.id(of: "e\u{301}") == 10)
        #expect(tokenizer.token(of: 10).map { Array($0.utf8) } == Array("e\u{301}".utf8))
        #expect(tokenizer.id(of: "absent") == nil)
        #expect(tokenizer.token(of: -1) == nil)
        #expect(tokenizer.token(of: .max) == nil)
        #expect(tokenizer.decode([5, 6, -7, 99, 8], skipSpecialTokens: true) == "playing!")
    }

    /// A tokenizer.json of words, with other stages before its model.
    private static func words(_ stages: String, vocabulary: String = #"{"a": 0}"#) -> String {
        #"{"version": "1.0", \#(stages), "model": {"type": "WordLevel", "unk_token": "a", "vocab": \#(vocabulary)}}"#
    }

    /// The class of Llama builds its pre-tokenizer by `add_prefix_space`, which has to say what tokenizer.json does.
    @Test func prefixSpaceOfLlama() throws {
        let replace = #"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#
        let prepend = #"{"type": "Prepend", "prepend": "▁"}"#
        let metaspace = #""pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "#
        let cases: [(stages: String, prefixes: Bool)] = [
            (#""normalizer": {"type": "Sequence", "normalizers": [\#(prepend), \#(replace)]}"#, true),
            (#""normalizer": {"type": "Sequence", "normalizers": [\#(replace)]}"#, false),
            (#""normalizer": \#(replace)"#, false), (metaspace + #""first"}"#, true), (metaspace + #""never"}"#, false),
        ]
        for (stages, prefixes) in cases {
            for name in ["LlamaTokenizer", "LlamaTokenizerFast"] {
                let settings = #"{"tokenizer_class": "\#(name)", "add_prefix_space": "#
                let error = #expect(throws: TokenizerError.self) {
                    try Self.tokenizer(Self.words(stages), ["tokenizer_config.json": "\(settings)\(!prefixes)}"])
                }
                #expect(error?.code == .unsupported && error?.message.contains("add_prefix_space") == true)
                for value in ["\(prefixes)", "null"] {
                    _ = try Self.tokenizer(Self.words(stages), ["tokenizer_config.json": "\(settings)\(value)}"])
                }
            }
            // Classes that take the file as it is do not heed the flag.
            let generic = #"{"tokenizer_class": "TokenizersBackend", "add_prefix_space": \#(!prefixes)}"#
            _ = try Self.tokenizer(Self.words(stages), ["tokenizer_config.json": generic])
        }
    }

    /// Upstream replaces the pattern of large vocabularies of Mistral from before version 5 where the flag says so.
    @Test func patternOfMistral() throws {
        let entries = (0...100_000).map { $0 == 0 ? #""a": 0"# : #""t\#($0)": \#($0)"# }
        let vocabulary = "{\(entries.joined(separator: ", "))}"
        let (upper, lower) = (#"[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"#, #"[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"#)
        let lead = #"[^\\r\\n\\p{L}\\p{N}]?"#
        let new =
            "\(lead)\(upper)*\(lower)+|\(lead)\(upper)+\(lower)*"
            + #"|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"#
        func load(_ pattern: String, _ config: String, flag: Bool = true, vocabulary: String) throws {
            let split = #"{"type": "Split", "pattern": \#(pattern), "behavior": "Isolated", "invert": false}"#
            let stages = #""pre_tokenizer": {"type": "Sequence", "pretokenizers": [\#(split)]}"#
            _ = try Self.tokenizer(
                Self.words(stages, vocabulary: vocabulary),
                ["tokenizer_config.json": #"{"fix_mistral_regex": \#(flag)}"#, "config.json": config])
        }
        let (old, mistral) = (#"{"String": " "}"#, #"{"model_type": "mistral", "transformers_version": "4.57.1"}"#)
        let error = #expect(throws: TokenizerError.self) { try load(old, mistral, vocabulary: vocabulary) }
        #expect(error?.code == .unsupported && error?.message.contains("fix_mistral_regex") == true)
        try load(old, mistral, flag: false, vocabulary: vocabulary)
        try load(#"{"Regex": "\#(new)"}"#, mistral, vocabulary: vocabulary)
        try load(old, mistral, vocabulary: #"{"a": 0}"#)
        let later = #"{"model_type": "mistral", "transformers_version": "5.2.0"}"#
        for config in [later, #"{"model_type": "llama", "transformers_version": "4.57.1"}"#] {
            try load(old, config, vocabulary: vocabulary)
        }
    }
}
