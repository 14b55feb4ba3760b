import PenstockJSON
import PenstockPipelines
import Testing

@Suite struct OptionTableTests {
    private static func options(_ json: String) throws -> FillMask.Options {
        try FillMask.options.parse(try #require(try JSONValue(parsing: json.utf8).object))
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let options = try Self.options("{}")
        #expect(options.topK == 5 && options.targets == nil && options.tokenization.addSpecialTokens)
    }

    @Test func valuesAreTaken() throws {
        let options = try Self.options(
            #"{"top_k": 0, "targets": "a", "tokenizer_kwargs": {"max_length": 7, "add_special_tokens": false}}"#)
        #expect(options.topK == 0 && options.targets == ["a"])
        #expect(options.tokenization.maxLength == 7 && !options.tokenization.addSpecialTokens)
    }

    @Test func nullIsTheDefaultUnlessTheOptionSaysOtherwise() throws {
        #expect(try Self.options(#"{"top_k": null, "targets": null, "tokenizer_kwargs": null}"#).topK == 5)
    }

    @Test(arguments: [
        (#"{"top_k": -1}"#, "parameter top_k has to be an integer of at least 0, not -1"),
        (#"{"top_k": 1.5}"#, "parameter top_k has to be an integer of at least 0, not 1.5"),
        (#"{"top_k": 1e20}"#, "parameter top_k has to be an integer of at least 0, not 1e+20"),
        (#"{"top_k": true}"#, "parameter top_k has to be an integer of at least 0, not true"),
        (#"{"targets": 3}"#, "parameter targets has to be a string or a list of strings, not 3"),
        (#"{"targets": ["a", 1]}"#, "parameter targets[1] has to be a string, not 1"),
        (#"{"tokenizer_kwargs": []}"#, "parameter tokenizer_kwargs has to be an object, not an array"),
        (
            #"{"tokenizer_kwargs": {"max_length": 0}}"#,
            "parameter tokenizer_kwargs.max_length has to be an integer of at least 1, not 0"
        ),
        (
            #"{"tokenizer_kwargs": {"truncation": "up"}}"#,
            "parameter tokenizer_kwargs.truncation has to be true, false, \"longest_first\", \"only_first\", "
                + "\"only_second\" or \"do_not_truncate\", not \"up\""
        ),
        (#"{"top": 1}"#, "unknown parameter \"top\"; known are: targets, tokenizer_kwargs, top_k"),
        (
            #"{"tokenizer_kwargs": {"x": 1}}"#,
            "unknown parameter tokenizer_kwargs.\"x\"; known are: add_special_tokens, max_length, truncation"
        ),
    ])
    func faultsAreNamed(json: String, message: String) throws {
        let error = #expect(throws: PipelineError.self) { try Self.options(json) }
        #expect(error?.code == .invalidParameter && error?.message == message)
    }

    @Test func anOptionMayNotBeGivenTwice() throws {
        let json = #"{"truncation": true, "tokenize_kwargs": {"truncation": false}}"#
        let error = #expect(throws: PipelineError.self) {
            try FeatureExtraction.options.parse(try #require(try JSONValue(parsing: json.utf8).object))
        }
        #expect(error?.message == "truncation is given twice: as a parameter and in tokenize_kwargs")
    }

    @Test func descriptionsTellWhatThereIs() throws {
        let described = FillMask.options.descriptions
        #expect(described.map(\.name) == ["top_k", "targets", "tokenizer_kwargs"])
        #expect(described[0].fallback == .integer(5) && described[0].kind.expected == "an integer of at least 0")
        guard case .object(let nested) = described[2].kind else {
            Issue.record("tokenizer_kwargs is no object")
            return
        }
        #expect(nested.map(\.name) == ["truncation", "max_length", "add_special_tokens"])
    }
}
