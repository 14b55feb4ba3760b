import PenstockJSON
import PenstockTestSupport
import PenstockTokenizers
import Testing

/// Tokenizers out of the key-value pairs of GGUF files.
@Suite struct GGUFTokenizerTests {
    /// A family among the fixtures, and what a file says of it.
    struct Family: Sendable, CustomTestStringConvertible {
        let name: String
        let model: String
        var pre: String?
        var architecture = "llama"
        var hasScores = false

        /// False for texts that a file cannot tell apart from others. Tokens of WordPiece that begin a word have "▁" before
        /// them; runs of blanks are added tokens of Gemma in tokenizer.json, and ordinary ones in files.
        func covers(_ text: String) -> Bool {
            if model == "bert" { return !text.unicodeScalars.contains("▁") }
            let isBlank = text.unicodeScalars.map { $0 == "▁" || $0 == " " }
            return !architecture.hasPrefix("gemma") || !zip(isBlank, isBlank.dropFirst()).contains { $0 && $1 }
        }

        var testDescription: String { "\(name)\(hasScores ? ", by scores" : "")" }
    }

    static let families = [
        Family(name: "gpt2", model: "gpt2", pre: "gpt-2"), Family(name: "gpt2", model: "gpt2"),
        Family(name: "smollm", model: "gpt2", pre: "smollm"), Family(name: "llama3", model: "gpt2", pre: "llama-bpe"),
        Family(name: "qwen2", model: "gpt2", pre: "qwen2"), Family(name: "bloom", model: "gpt2", pre: "bloom"),
        Family(name: "gpt4o", model: "gpt2", pre: "gpt-4o"),
        Family(name: "deepseek", model: "gpt2", pre: "deepseek-v3"),
        Family(name: "deepseek-coder", model: "gpt2", pre: "deepseek-coder"),
        Family(name: "llama2", model: "llama"), Family(name: "llama2", model: "llama", hasScores: true),
        Family(name: "phi3", model: "llama", architecture: "phi3"),
        Family(name: "gemma", model: "llama", architecture: "gemma3"),
        Family(name: "gemma", model: "llama", architecture: "gemma3", hasScores: true),
        Family(name: "gemma", model: "gemma4", architecture: "gemma4"), Family(name: "bert", model: "bert"),
    ]

    private static func file(_ name: String) throws -> JSONValue {
        try JSONValue(
            parsing: PenstockTestSupport.Fixtures.bytes(atPath: "\(FamilyGoldens.directory(of: name))/tokenizer.json"))
    }

    /// A vocabulary of a GGUF file does with texts what the tokenizer.json does that it was made of.
    @Test(arguments: families)
    func encodesAsTheFileThatItWasMadeOf(_ family: Family) throws {
        let pairs = GGUFMetadata.pairs(
            of: try Self.file(family.name), model: family.model, pre: family.pre, architecture: family.architecture,
            hasScores: family.hasScores,
            family.model == "bert"
                ? [("tokenizer.ggml.bos_token_id", .integer(2)), ("tokenizer.ggml.seperator_token_id", .integer(3))]
                : [])
        let tokenizer = try Tokenizer(gguf: pairs, file: "a.gguf")
        let expected = try FamilyGoldens.tokenizer(family.name)
        let tokens = try FamilyGoldens.addedTokens(of: family.name)
        var differences: [String] = []
        for element in try FamilyGoldens.cases() {
            guard case .text(let text) = element.input(with: tokens) else { continue }
            guard family.covers(text) else { continue }
            let ids = try expected.encode(text, addSpecialTokens: false).ids
            let found = try tokenizer.encode(text, addSpecialTokens: false).ids
            if found != ids { differences.append("\(text): \(found) and not \(ids)") }
            if tokenizer.decode(ids, skipSpecialTokens: true) != expected.decode(ids, skipSpecialTokens: true) {
                differences.append("\(text) is decoded otherwise")
            }
        }
        #expect(differences.isEmpty, "\(differences.count) differences:\n\(differences.prefix(5))")
    }

    /// A text behind a control token begins with a space, as does one that begins with a space already.
    @Test func spacesBeforeTexts() throws {
        func tokens(_ text: String, _ settings: [(String, JSONValue)] = []) throws -> [String] {
            let pairs = GGUFMetadata.pairs(of: try Self.file("llama2"), model: "llama", settings)
            let tokenizer = try Tokenizer(gguf: pairs, file: "a.gguf")
            return tokenizer.tokens(of: try tokenizer.encode(text, addSpecialTokens: false))
        }
        #expect(try tokens("<s>t") == ["<s>", "▁t"])
        #expect(try tokens(" t") == ["▁", "▁t"])
        #expect(try tokens("t", [("tokenizer.ggml.add_space_prefix", .bool(false))]) == ["t"])
    }

    /// A way to split texts, and what becomes of one. All that stands in one word becomes one token.
    @Test(arguments: [
        ("falcon", "3333", ["333", "3"]), ("falcon", "a..b", ["a", "..", "b"]), ("falcon", "½", ["Â", "½"]),
        ("deepseek-llm", "33", ["3", "3"]), ("deepseek-llm", "a..b", ["a", "..", "b"]),
        ("deepseek-llm", "aé\nb", ["a", "Ã©", "Ċ", "b"]), ("deepseek-llm", "  ", ["ĠĠ"]),
        ("qwen35", "33 e\u{301}e", ["3", "3", "ĠeÌģe"]), ("qwen2", "e\u{301}e", ["Ã©e"]),
        ("seed-coder", "a+\nb", ["a", "+", "Ċ", "b"]), ("qwen2", "a+\nb", ["a", "+Ċ", "b"]),
        ("minicpm5", "3333", ["333", "3"]), ("viking", "a33", ["a", "3", "3"]), ("mellum", "33", ["33"]),
    ])
    func splits(pre: String, text: String, words: [String]) throws {
        let bytes = ["3", "a", ".", "b", "e", "+", "Ċ", "Ġ", "Ã", "©", "Â", "½", "Ì", "ģ"]
        let merges = [
            "3 3", "33 3", "333 3", ". .", "+ Ċ", "Ġ Ġ", "Ġ e", "Ġe Ì", "ĠeÌ ģ", "ĠeÌģ e", "a Ã", "aÃ ©", "Ã ©",
            "Ã© e", "Â ½", "Ċ b",
        ]
        let merged = merges.map { $0.filter { $0 != " " } }
        let pairs = JSONObject([
            ("general.architecture", .string("llama")), ("tokenizer.ggml.model", .string("gpt2")),
            ("tokenizer.ggml.pre", .string(pre)),
            ("tokenizer.ggml.tokens", .array((bytes + merged).map(JSONValue.string))),
            ("tokenizer.ggml.merges", .array(merges.map(JSONValue.string))),
        ])
        let tokenizer = try Tokenizer(gguf: pairs, file: "a.gguf")
        #expect(tokenizer.tokens(of: try tokenizer.encode(text, addSpecialTokens: false)) == words)
    }

    private static func unigram(_ settings: [(String, JSONValue)]) -> JSONObject {
        JSONObject(
            [
                ("tokenizer.ggml.model", .string("t5")),
                (
                    "tokenizer.ggml.tokens",
                    .array(["<pad>", "</s>", "<unk>", "▁a", "▁", "b", "▁ab"].map(JSONValue.string))
                ),
                ("tokenizer.ggml.scores", .array([0, 0, 0, -1, -2, -3, -9].map(JSONValue.double))),
                ("tokenizer.ggml.token_type", .array([3, 3, 2, 1, 1, 1, 1].map(JSONValue.integer))),
                ("tokenizer.ggml.eos_token_id", .integer(1)),
            ] + settings)
    }

    @Test func unigrams() throws {
        let tokenizer = try Tokenizer(gguf: Self.unigram([]), file: "a.gguf")
        #expect(try tokenizer.encode("ab  b").ids == [3, 5, 4, 5, 1])
        #expect(try tokenizer.encode("c</s>").ids == [4, 2, 1, 1])
        #expect(tokenizer.decode([3, 5, 4, 5, 1], skipSpecialTokens: true) == "ab b")
        #expect(tokenizer.configuration.eosToken == "</s>")
        let bare = try Tokenizer(gguf: Self.unigram([("tokenizer.ggml.add_eos_token", .bool(false))]), file: "a.gguf")
        #expect(try bare.encode("a").ids == [3])
    }

    /// Whether texts begin and end with a token, by the flags of a file.
    @Test func beginningAndEnd() throws {
        let file = try Self.file("llama3")
        func ids(_ settings: [(String, JSONValue)], pre: String = "llama-bpe") throws -> [Int32] {
            let ends: [(String, JSONValue)] = [
                ("tokenizer.ggml.bos_token_id", .integer(7)), ("tokenizer.ggml.eos_token_id", .integer(8)),
            ]
            let pairs = GGUFMetadata.pairs(of: file, model: "gpt2", pre: pre, ends + settings)
            return try Tokenizer(gguf: pairs, file: "a.gguf").encode("").ids
        }
        #expect(try ids([]) == [7])
        #expect(try ids([], pre: "gpt-2") == [])
        #expect(try ids([("tokenizer.ggml.add_bos_token", .bool(false))]) == [])
        #expect(try ids([("tokenizer.ggml.add_eos_token", .bool(true))]) == [7, 8])
    }

    /// The token between the texts of a pair, which is of one segment then, by the split or the flag of a file.
    @Test func separators() throws {
        let file = try Self.file("gpt2")
        func encoding(_ settings: [(String, JSONValue)], pre: String) throws -> Encoding {
            let ends: [(String, JSONValue)] = [
                ("tokenizer.ggml.bos_token_id", .integer(7)), ("tokenizer.ggml.eos_token_id", .integer(8)),
                ("tokenizer.ggml.seperator_token_id", .integer(9)), ("tokenizer.ggml.add_bos_token", .bool(true)),
                ("tokenizer.ggml.add_eos_token", .bool(true)),
            ]
            let pairs = GGUFMetadata.pairs(of: file, model: "gpt2", pre: pre, ends + settings)
            return try Tokenizer(gguf: pairs, file: "a.gguf").encode("", pair: "")
        }
        let separated = try encoding([], pre: "roberta-bpe")
        #expect(separated.ids == [7, 8, 9, 8] && separated.typeIDs == [0, 0, 0, 0])
        let begun = try encoding([("tokenizer.ggml.add_sep_token", .bool(false))], pre: "roberta-bpe")
        #expect(begun.ids == [7, 8, 7, 8] && begun.typeIDs == [0, 0, 1, 1])
        #expect(try encoding([], pre: "gpt-2").ids == [7, 8, 7, 8])
        let asked = try encoding([("tokenizer.ggml.add_sep_token", .bool(true))], pre: "gpt-2")
        #expect(asked.ids == [7, 8, 9, 8])
    }

    /// Pairs that make no tokenizer, and words that the error has.
    @Test(arguments: [
        ("tokenizer.ggml.model", JSONValue.string("rwkv"), "known are gpt2, llama, bert, t5"),
        ("tokenizer.ggml.model", .null, "expected a string"),
        ("tokenizer.ggml.tokens", .array([]), "1 to"), ("tokenizer.ggml.tokens", .array([.integer(1)]), "no string"),
        ("tokenizer.ggml.scores", .array([.double(1)]), "each of 7 tokens"),
        ("tokenizer.ggml.scores", .null, "expected scores"),
        ("tokenizer.ggml.scores", .array(Array(repeating: .double(.infinity), count: 7)), "finite"),
        ("tokenizer.ggml.eos_token_id", .integer(7), "no token 7"),
        ("tokenizer.ggml.add_eos_token", .integer(1), "boolean"),
        ("tokenizer.ggml.precompiled_charsmap", .array([.integer(300)]), "bytes"),
        ("tokenizer.ggml.precompiled_charsmap", .array([.integer(1)]), "size"),
    ])
    func faults(key: String, value: JSONValue, words: String) throws {
        let pairs = JSONObject(
            Self.unigram([]).entries.filter { $0.key != key }.map { ($0.key, $0.value) } + [(key, value)])
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(gguf: pairs, file: "a.gguf") }
        #expect(error?.message.contains("a.gguf") == true && error?.message.contains(key) == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func unknownSplit() throws {
        let pairs = GGUFMetadata.pairs(of: try Self.file("gpt2"), model: "gpt2", pre: "unheard-of")
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(gguf: pairs, file: "a.gguf") }
        #expect(error?.code == .unsupported && error?.message.contains("tokenizer.ggml.pre") == true)
    }
}
