import PenstockTestSupport
import PenstockTokenizers
import Testing

/// Settings of tokenizer_config.json that upstream's classes build stages out of, or lay out texts with. Those that
/// tokenizer.json does not agree with are refused.
@Suite struct StageSettingTests {
    /// The tokenizer of a family, with the settings of a class.
    private static func tokenizer(_ family: String, _ name: String, _ settings: String) throws -> Tokenizer {
        try tokenizer(family, ["tokenizer_config.json": #"{"tokenizer_class": "\#(name)", \#(settings)}"#])
    }

    private static func tokenizer(_ family: String, _ files: [String: String]) throws -> Tokenizer {
        let directory = try TemporaryDirectory()
        let file = "\(FamilyGoldens.directory(of: family))/tokenizer.json"
        try directory.write(PenstockTestSupport.Fixtures.bytes(atPath: file), as: "tokenizer.json")
        for (name, text) in files { try directory.write(text, as: name) }
        return try Tokenizer(directory: directory.path)
    }

    private static func error(_ make: () throws -> Tokenizer) throws -> TokenizerError? {
        do {
            _ = try make()
            return nil
        } catch let error as TokenizerError {
            return error
        }
    }

    @Test(arguments: [
        ("albert", "AlbertTokenizer", "do_lower_case", "false"),
        ("albert", "AlbertTokenizer", "do_lower_case", "null"),
        ("albert", "AlbertTokenizerFast", "keep_accents", "true"),
        ("albert", "AlbertTokenizer", "add_prefix_space", "false"),
        ("albert", "AlbertTokenizer", "add_prefix_space", "null"),
        ("camembert", "CamembertTokenizer", "add_prefix_space", "false"),
        ("camembert", "CamembertTokenizer", "eos_token", "\"<mask>\""),
        ("xlm-roberta", "XLMRobertaTokenizer", "add_prefix_space", "false"),
        ("xlm-roberta", "XLMRobertaTokenizer", "bos_token", "\"<mask>\""),
        ("deberta-v3", "DebertaV2Tokenizer", "do_lower_case", "true"),
        ("deberta-v3", "DebertaV2Tokenizer", "split_by_punct", "true"),
        ("deberta-v3", "DebertaV2Tokenizer", "add_prefix_space", "false"),
        ("deberta-v3", "DebertaV2Tokenizer", "cls_token", "\"<new>\""),
        ("mpnet", "MPNetTokenizer", "cls_token", "\"<mask>\""),
        ("roberta", "RobertaTokenizer", "sep_token", "\"<mask>\""),
        ("roberta", "RobertaTokenizer", "add_prefix_space", "true"),
        ("llama2", "LlamaTokenizer", "add_prefix_space", "false"),
        ("llama2-metaspace", "LlamaTokenizer", "add_prefix_space", "false"),
        ("qwen2", "Qwen2Tokenizer", "add_prefix_space", "true"),
    ])
    func othersThanTheFileSaysAreRefused(_ family: String, _ name: String, _ key: String, _ value: String) throws {
        let error = try #require(try Self.error { try Self.tokenizer(family, name, #""\#(key)": \#(value)"#) })
        #expect(error.code == .unsupported, "\(error)")
        #expect(error.message.contains("tokenizer_config.json: \(key): "), "\(error)")
    }

    @Test(arguments: [
        ("albert", "AlbertTokenizer", #""do_lower_case": true, "keep_accents": false, "add_prefix_space": true"#),
        ("camembert", "CamembertTokenizer", #""add_prefix_space": true, "bos_token": "<s>", "eos_token": "</s>""#),
        ("xlm-roberta", "XLMRobertaTokenizer", #""add_prefix_space": true, "do_lower_case": true, "cls_token": "<s>""#),
        ("deberta-v3", "DebertaV2Tokenizer", #""do_lower_case": false, "split_by_punct": false, "sep_token": "[SEP]""#),
        ("mpnet", "MPNetTokenizer", #""cls_token": "<s>", "sep_token": null, "add_prefix_space": false"#),
        ("llama2", "LlamaTokenizer", #""add_prefix_space": null"#),
        ("llama2-metaspace", "LlamaTokenizer", #""add_prefix_space": true"#),
        ("qwen2", "Qwen2Tokenizer", #""add_prefix_space": false"#),
        // Classes that take tokenizer.json as it is do not heed them.
        ("albert", "PreTrainedTokenizerFast", #""do_lower_case": false, "add_prefix_space": false"#),
        ("roberta", "TokenizersBackend", #""add_prefix_space": true, "cls_token": "<mask>""#),
    ])
    func othersChangeNothing(_ family: String, _ name: String, _ settings: String) throws {
        let tokenizer = try Self.tokenizer(family, name, settings)
        let text = "Café, the CAT's 3 mats"
        #expect(try tokenizer.encode(text).ids == FamilyGoldens.tokenizer(family).encode(text).ids)
    }

    /// Upstream puts another split into large tokenizers of Mistral's early files.
    @Test(arguments: [
        (#"{"model_type": "mistral"}"#, "true", 100_001, #"\p{N}{1,3}"#, true),
        (#"{"model_type": "mistral", "transformers_version": "4.57.1"}"#, "true", 100_001, #"\p{N}{1,3}"#, true),
        (#"{"model_type": "mistral", "transformers_version": "5.0.0"}"#, "true", 100_001, #"\p{N}{1,3}"#, false),
        (#"{"model_type": "llama"}"#, "true", 100_001, #"\p{N}{1,3}"#, false),
        (#"{"model_type": "mistral"}"#, "false", 100_001, #"\p{N}{1,3}"#, false),
        (#"{"model_type": "mistral"}"#, "true", 100, #"\p{N}{1,3}"#, false),
        (#"{"model_type": "mistral"}"#, "true", 100_001, #"[\p{Ll}\p{M}]*|\p{N}| ?[^\s]+"#, false),
    ])
    func splitOfMistral(config: String, flag: String, size: Int, pattern: String, isRefused: Bool) throws {
        let directory = try TemporaryDirectory()
        let words = (0..<size).map { "\"\($0)\": \($0)" }.joined(separator: ", ")
        let escaped = pattern.replacing("\\", with: "\\\\")
        let split = #"{"Regex": "\#(escaped)"}, "behavior": "Isolated", "invert": false}"#
        try directory.write(
            #"{"version": "1.0", "pre_tokenizer": {"type": "Split", "pattern": \#(split), "#
                + #""model": {"type": "WordLevel", "unk_token": "0", "vocab": {\#(words)}}}"#,
            as: "tokenizer.json")
        try directory.write(config, as: "config.json")
        try directory.write(#"{"fix_mistral_regex": \#(flag)}"#, as: "tokenizer_config.json")
        let path = directory.path
        let error = try Self.error { try Tokenizer(directory: path) }
        #expect((error != nil) == isRefused, "\(String(describing: error))")
        if isRefused { #expect(error?.message.contains("tokenizer_config.json: fix_mistral_regex: ") == true) }
    }

    @Test(arguments: [
        ("albert", "albert", #"{"keep_accents": true}"#, "keep_accents"),
        ("camembert", "camembert", #"{"add_prefix_space": false}"#, "add_prefix_space"),
        ("deberta-v3", "deberta-v2", #"{"split_by_punct": true}"#, "split_by_punct"),
        ("mpnet", "mpnet", #"{"sep_token": "<mask>"}"#, "sep_token"),
        ("roberta", "roberta", #"{"add_prefix_space": true}"#, "add_prefix_space"),
        ("xlm-roberta", "xlm-roberta", #"{"eos_token": "<mask>"}"#, "eos_token"),
    ])
    func classesFollowFromTheModel(_ family: String, _ type: String, _ settings: String, _ key: String) throws {
        let files = ["tokenizer_config.json": settings, "config.json": #"{"model_type": "\#(type)"}"#]
        let error = try #require(try Self.error { try Self.tokenizer(family, files) })
        #expect(error.message.contains("tokenizer_config.json: \(key): "), "\(error)")
    }
}
