import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct TextRankingTests {
    // MARK: Checkpoints

    @Test(arguments: [
        ("ranking-roberta", "text-ranking"), ("ranking-xlm-roberta", "text-ranking"),
        ("ranking-camembert", "text-ranking"), ("ranking-distilbert", "text-ranking"),
        ("ranking-bert", "text-classification"), ("ranking-qwen3-chat", "text-ranking"),
        ("ranking-llama-pairs", "text-ranking"), ("ranking-qwen3-sequence", "text-ranking"),
    ])
    func crossEncodersAreKnownByTheirFiles(checkpoint: String, task: String) throws {
        #expect(try JSONPipeline(directory: Fixtures.checkpoint(checkpoint), threads: 1).task == task)
    }

    @Test func aCrossEncoderOfSeveralLabelsClassifies() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-sequence"))
        let key = JSONValue.object(
            JSONObject([("file", .string("config.json")), ("path", .array([.string(Self.oldKey)])), Self.identity]))
        try #require(JSONEdit(key)).apply(in: directory)
        #expect(try JSONPipeline(directory: directory.path, threads: 1).task == "text-classification")
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("one label") == true)
    }

    private static let oldKey = "sbert_ce_default_activation_function"
    private static let identity = ("value", JSONValue.string("torch.nn.modules.linear.Identity"))

    @Test(arguments: [
        ("config_sentence_transformers.json", "activation_fn", JSONValue.string("torch.nn.Softmax"), "activation_fn"),
        ("config_sentence_transformers.json", "activation_fn", .integer(7), "activation_fn"),
        ("config_sentence_transformers.json", "model_type", .string("SparseEncoder"), "model_type"),
        ("sentence_bert_config.json", "transformer_task", .string("feature-extraction"), "transformer_task"),
        ("sentence_bert_config.json", "module_output_name", .string("token_embeddings"), "module_output_name"),
        ("sentence_bert_config.json", "unknown_key", .integer(1), "unknown_key"),
    ])
    func whatWouldChangeScoresIsRefused(file: String, key: String, value: JSONValue, named: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-distilbert"))
        let edit = JSONObject([("file", .string(file)), ("path", .array([.string(key)])), ("value", value)])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
        let error = #expect(throws: CheckpointError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.message.contains(named) == true, "\(String(describing: error))")
    }

    @Test func aPromptByDefaultHasToBeThere() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-distilbert"))
        try Self.edit(directory, "config_sentence_transformers.json", ["default_prompt_name"], .string("query"))
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("default_prompt_name") == true)
    }

    // MARK: Logits of the next token

    private static func edit(
        _ directory: TemporaryDirectory, _ file: String, _ path: [String], _ value: JSONValue
    ) throws {
        let edit = JSONObject([
            ("file", .string(file)), ("path", .array(path.map(JSONValue.string))), ("value", value),
        ])
        try #require(JSONEdit(.object(edit))).apply(in: directory)
    }

    private static let changedSettings: [(String, [String], JSONValue, String)] = [
        ("1_LogitScore/config.json", ["true_token_id"], .integer(100_000), "100000"),
        ("1_LogitScore/config.json", ["true_token_id"], .integer(-1), "true_token_id"),
        ("1_LogitScore/config.json", ["false_token_id"], .string("no"), "false_token_id"),
        ("1_LogitScore/config.json", ["module_input_name"], .string("scores"), "module_input_name"),
        ("1_LogitScore/config.json", ["other_token_id"], .integer(1), "other_token_id"),
        ("sentence_bert_config.json", ["transformer_task"], .string("sequence-classification"), "transformer_task"),
        ("sentence_bert_config.json", ["module_output_name"], .string("scores"), "module_output_name"),
        ("sentence_bert_config.json", ["modality_config", "message", "format"], .string("other"), "format"),
        ("sentence_bert_config.json", ["modality_config", "message", "method"], .string("generate"), "method"),
        (
            "sentence_bert_config.json", ["processing_kwargs", "chat_template", "messages"], .array([]),
            "messages"
        ),
        (
            "sentence_bert_config.json", ["processing_kwargs", "chat_template", "max_length"], .integer(7),
            "max_length"
        ),
    ]

    @Test(arguments: changedSettings)
    func whatWouldChangeScoresOfTokensIsRefused(
        file: String, path: [String], value: JSONValue, named: String
    ) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-qwen3-chat"))
        try Self.edit(directory, file, path, value)
        let error = #expect(throws: CheckpointError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.message.contains(named) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["text-classification", "zero-shot-classification"])
    func scoresOfTokensAreNoLabels(task: String) throws {
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: Fixtures.checkpoint("ranking-qwen3-chat"), task: task, threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("LogitScore") == true)
    }

    @Test func encodersHaveNoLogitsOfTheNextToken() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-distilbert"))
        try Self.edit(directory, "1_LogitScore/config.json", [], .object(JSONObject([("true_token_id", .integer(1))])))
        let modules = [("", "Transformer"), ("1_LogitScore", "LogitScore")].map { path, kind in
            JSONValue.object(
                JSONObject([
                    ("name", .string(kind)), ("path", .string(path)),
                    ("type", .string("sentence_transformers.models.\(kind)")),
                ]))
        }
        try Self.edit(directory, "modules.json", [], .array(modules))
        let error = #expect(throws: CheckpointError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.message.contains("a head for generation") == true, "\(String(describing: error))")
    }

    /// All texts would have the same score.
    @Test(arguments: [
        ("{{ messages[0]['content'] }}", "document"), ("{{ messages[-1]['content'] }}", "query"),
        ("{{ raise_exception('no such role') }}", "no such role"), ("{% if %}", "chat template"),
    ])
    func aTemplateHasToTakeBothTexts(template: String, named: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-qwen3-chat"))
        try directory.write("chat_template.jinja", template.utf8)
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask, "\(String(describing: error))")
        #expect(error?.message.contains(named) == true, "\(String(describing: error))")
    }

    /// Without modules.json the template says whether pairs are chats.
    @Test func aTemplateThatTakesPairsCountsWithoutModules() async throws {
        let whole = Fixtures.checkpoint("ranking-qwen3-sequence")
        let directory = try TemporaryDirectory()
        for name in [
            "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
        ] {
            try directory.write(name, Fixtures.bytes(atPath: "\(whole)/\(name)"))
        }
        let input = JSONValue.object(
            JSONObject([("query", .string("Is it good?")), ("texts", .array([.string("The cat.")]))]))
        func ids(_ path: String) async throws -> [Int32]? {
            let pipeline = try JSONPipeline(directory: path, task: "text-ranking", threads: 1)
            return try await pipeline.prepare(input).work.sequences.first?.ids
        }
        let chat = try #require(try await ids(whole))
        #expect(try await ids(directory.path) == chat)
        try directory.write("chat_template.jinja", "{{ messages[0]['content'] }}".utf8)
        let pair = try #require(try await ids(directory.path))
        #expect(pair.count < chat.count)
    }

    /// Generation is what such a checkpoint is for, until somebody asks for another task.
    @Test(arguments: ["ranking-qwen3-bare", "ranking-llama-bare"])
    func aModelThatGeneratesRanksIfItIsAskedTo(checkpoint: String) throws {
        let directory = Fixtures.checkpoint(checkpoint)
        #expect(try JSONPipeline(directory: directory, threads: 1).task == "text-generation")
        #expect(try JSONPipeline(directory: directory, task: "text-ranking", threads: 1).task == "text-ranking")
    }

    @Test func aModelThatGeneratesNeedsTheTokensOfAScore() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-llama-bare"))
        try Self.edit(directory, "tokenizer.json", ["added_tokens"], .array([]))
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("no token yes") == true)
    }

    /// Where a model with a head reads pairs as they are.
    @Test(arguments: ["{{ messages[0]['content'] }}", "{% if %}"])
    func aModelThatGeneratesNeedsATemplateForPairs(template: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("ranking-qwen3-bare"))
        try directory.write("chat_template.jinja", template.utf8)
        let error = #expect(throws: PipelineError.self) {
            try JSONPipeline(directory: directory.path, task: "text-ranking", threads: 1)
        }
        #expect(error?.code == .unsupportedTask && error?.message.contains("chat template") == true)
    }

    /// The names of tokens that end messages are text where a client writes them.
    @Test func aDocumentDoesNotEndItsMessage() async throws {
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint("ranking-qwen3-chat"), task: "text-ranking", threads: 1)
        let input = JSONValue.object(
            JSONObject([("query", .string("a")), ("texts", .array([.string("<eos>")]))]))
        let sequence = try #require(try await pipeline.prepare(input).work.sequences.first)
        #expect(sequence.ids.filter { $0 == 2 }.count == 1)
    }

    // MARK: What clients can make large

    /// The query stands in front of each text: it is counted as often.
    @Test func aLongQueryOfManyTextsIsRefusedBeforeItIsRepeated() async throws {
        let pipeline = try JSONPipeline(
            directory: Fixtures.checkpoint("ranking-bert"), task: "text-ranking", threads: 1)
        let input = JSONValue.object(
            JSONObject([
                ("query", .string(String(repeating: "a ", count: 400))),
                ("texts", .array(Array(repeating: .string("b"), count: 20_000))),
            ]))
        let scope = RequestScope(answerLimit: 1 << 20) { true }
        let error = await #expect(throws: PipelineError.self) { try await pipeline.prepare(input, in: scope) }
        #expect(error?.code == .answerTooLarge)
    }

    // MARK: Order

    @Test func scoresThatAreRoundedToOneKeepTheOrderOfTheOutputs() {
        let readings = [(17.5, 1.0), (19, 1), (-3, 0.04), (19, 1), (18, 1)].map {
            TextRanking.Reading(logit: Float($0.0), score: Float($0.1))
        }
        #expect(TextRanking.ranked(readings) == [1, 3, 4, 0, 2])
    }
}
