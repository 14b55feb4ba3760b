import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockTestSupport
import Testing

/// What the files of a sentence-transformers checkpoint say counts as it does upstream.
@Suite struct SentenceConfigurationTests {
    private static let text = String(repeating: "the cat sat on the mat ", count: 10)

    private static func pipeline(_ checkpoint: String, _ files: [String: String]) throws -> JSONPipeline {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(checkpoint))
        for (name, text) in files { try directory.write(name, text.utf8) }
        return try JSONPipeline(directory: directory.path, threads: 1)
    }

    private static func tokens(_ pipeline: JSONPipeline, _ text: String, _ parameters: JSONObject = JSONObject())
        async throws
        -> Int
    {
        try await pipeline.prepare(.string(text), parameters: parameters).work.sequences[0].ids.count
    }

    @Test(arguments: [
        (#"{"max_seq_length": 9}"#, 9), (#"{"max_seq_length": 9, "tokenizer_args": {"model_max_length": 7}}"#, 7),
        (#"{"processor_kwargs": {"model_max_length": 8}}"#, 8),
        (#"{"processor_kwargs": {"model_max_length": 8}, "processing_kwargs": {"text": {"max_length": 6}}}"#, 6),
        (#"{"processing_kwargs": {"common": {"max_length": 5}}}"#, 5),
        // Null is no limit, and the model's positions are the last.
        (#"{"processor_kwargs": {"model_max_length": null}, "max_seq_length": 10}"#, 40),
    ])
    func lengthsOfSequences(file: String, length: Int) async throws {
        let pipeline = try Self.pipeline("st-mean", ["sentence_bert_config.json": file])
        #expect(try await Self.tokens(pipeline, Self.text) == length)
    }

    @Test(arguments: [
        #"{"tokenizer_args": {"model_max_length": 0}}"#, #"{"processing_kwargs": {"text": {"max_length": "9"}}}"#,
    ])
    func lengthsThatAreNone(file: String) {
        #expect(throws: (any Error).self) { try Self.pipeline("st-mean", ["sentence_bert_config.json": file]) }
    }

    @Test func theOldNameOfTheLongestLength() async throws {
        let pipeline = try Self.pipeline(
            "st-no-limit",
            ["tokenizer_config.json": #"{"tokenizer_class": "BertTokenizer", "max_len": 11}"#])
        #expect(try await Self.tokens(pipeline, Self.text) == 11)
    }

    @Test func queryAndDocumentArePromptsOfEveryModel() async throws {
        let pipeline = try Self.pipeline(
            "st-mean",
            ["config_sentence_transformers.json": #"{"prompts": {"query": "the mat ", "document": null}}"#])
        let plain = try await Self.tokens(pipeline, "the cat")
        let document = JSONObject([("prompt_name", .string("document"))])
        #expect(try await Self.tokens(pipeline, "the cat", document) == plain)
        let query = JSONObject([("prompt_name", .string("query"))])
        #expect(try await Self.tokens(pipeline, "the cat", query) > plain)
        await #expect(throws: PipelineError.self) {
            try await Self.tokens(pipeline, "the cat", JSONObject([("prompt_name", .string("passage"))]))
        }
    }

    @Test(arguments: [
        #"{"prompts": {"query": "a"}, "default_prompt_name": "passage"}"#, #"{"prompts": {"query": 1}}"#,
    ])
    func promptsThatAreNone(file: String) {
        #expect(throws: PipelineError.self) {
            try Self.pipeline("st-mean", ["config_sentence_transformers.json": file])
        }
    }

    @Test func aSimilarityThatSaysNothingIsTheCosine() throws {
        _ = try Self.pipeline("st-mean", ["config_sentence_transformers.json": #"{"similarity_fn_name": "dot_score"}"#])
    }

    @Test(arguments: [
        (16, "mymodels.Activation", true), (16, "torch.nn.modules.activation.Tanh", true),
        (16, "torch.nn.Nonsense", false), (12, "torch.nn.modules.activation.Tanh", false),
    ])
    func denseModules(inputs: Int, activation: String, loads: Bool) throws {
        let dense =
            #"{"in_features": \#(inputs), "out_features": 10, "bias": true, "activation_function": "\#(activation)"}"#
        let result = Result { try Self.pipeline("st-dense-normalize", ["2_Dense/config.json": dense]) }
        #expect(((try? result.get()) != nil) == loads)
    }
}
