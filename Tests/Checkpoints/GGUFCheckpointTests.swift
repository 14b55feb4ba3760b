import PenstockCheckpoints
import PenstockJSON
import PenstockTestSupport
import Testing

/// GGUF files in the place of checkpoints.
@Suite struct GGUFCheckpointTests {
    /// A model without layers.
    private static func model(_ pairs: [(key: String, value: GGUF.Value)] = [], tensors: [GGUF.Tensor] = []) -> GGUF {
        let own = Set(pairs.map(\.key))
        let sizes: [(key: String, value: GGUF.Value)] = [
            ("general.architecture", .string("llama")), ("llama.context_length", .uint32(16)),
            ("llama.embedding_length", .uint32(4)), ("llama.block_count", .uint32(0)),
            ("llama.feed_forward_length", .uint32(8)), ("llama.attention.head_count", .uint32(2)),
            ("llama.attention.layer_norm_rms_epsilon", .float32(0.5)),
        ]
        return GGUF(
            sizes.filter { !own.contains($0.key) } + pairs,
            [GGUF.Tensor("token_embd.weight", [4, 3], floats: (0..<12).map { Float($0) })] + tensors)
    }

    private static func open(_ file: GGUF) throws -> Checkpoint {
        let directory = try TemporaryDirectory()
        try directory.write("a.gguf", file.file)
        return try Checkpoint(directory: directory.path)
    }

    @Test func settings() throws {
        let config = try Self.open(Self.model([("tokenizer.ggml.bos_token_id", .uint32(1))])).config
        #expect(
            config["model_type"] == .string("llama") && config["architectures"] == .array([.string("LlamaForCausalLM")])
        )
        #expect(config["hidden_size"] == .integer(4) && config["head_dim"] == .integer(2))
        #expect(config["num_key_value_heads"] == .integer(2) && config["vocab_size"] == .integer(3))
        #expect(config["rms_norm_eps"] == .double(0.5) && config["rope_theta"] == .double(10_000))
        #expect(config["tie_word_embeddings"] == .bool(true) && config["bos_token_id"] == .integer(1))
    }

    /// Values that change the answers, and words that the error has.
    @Test(arguments: [
        ("general.architecture", GGUF.Value.string("mamba"), "supported are: llama"),
        ("general.architecture", .string("nomic-bert-moe"), "is \"nomic-bert-moe\", which is not supported"),
        ("general.architecture", .string("jina-bert-v2"), "is \"jina-bert-v2\", which is not supported"),
        ("llama.pooling_type", .uint32(4), "ranked by encoders"),
        ("llama.pooling_type", .uint32(5), "known are 0 to 4"),
        ("general.type", .string("adapter"), "no model"), ("llama.block_count", .string("1"), "integer"),
        ("llama.context_length", .uint32(0), "integer"), ("llama.attention.head_count", .array(4, []), "alike"),
        ("llama.attention.head_count", .array(4, [.uint32(2), .uint32(1)]), "alike"),
        ("llama.attention.value_length", .uint32(3), "that of keys"), ("llama.expert_count", .uint32(8), "without it"),
        ("llama.attention.causal", .bool(0), "without it"), ("llama.unheard_of", .bool(1), "without it"),
        ("llama.rope.dimension_count", .uint32(1), "numbers of a head"),
        ("llama.rope.scaling.type", .string("ntk"), "supported are none"),
        ("llama.rope.scaling.attn_factor", .float32(2), "factors for each frequency"),
        ("general.sampling.mirostat", .uint32(2), "supported are"),
        ("split.count", .uint32(3), "-00001-of-00003.gguf"),
    ])
    func refusals(key: String, value: GGUF.Value, words: String) throws {
        let error = #expect(throws: CheckpointError.self) { try Self.open(Self.model([(key, value)])) }
        #expect(error?.message.contains(key) == true || key == "split.count", "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["unheard_of.weight", "blk.0.attn_norm.bias", "blk.x.attn_q.weight", "blk.01.attn_q.weight", "x"])
    func unknownTensors(name: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try Self.open(Self.model(tensors: [GGUF.Tensor(name, [1], floats: [1])]))
        }
        #expect(error?.code == .unfitTensor && error?.message.contains("tensor \(name)") == true)
    }

    @Test func headsThatDoNotFit() throws {
        let tensor = GGUF.Tensor("blk.0.attn_q.weight", [1, 6], floats: [1, 2, 3, 4, 5, 6])
        let error = #expect(throws: CheckpointError.self) { try Self.open(Self.model(tensors: [tensor])) }
        #expect(error?.message.contains("tensor blk.0.attn_q.weight") == true)
    }

    @Test func endsOfAnswers() throws {
        let checkpoint = try Self.open(
            Self.model([
                ("tokenizer.ggml.tokens", .strings(["a", "<|eot_id|>", "b", "</s>", "<eos>"])),
                ("tokenizer.ggml.token_type", .array(5, [1, 3, 1, 3, 4].map(GGUF.Value.int32))),
                ("tokenizer.ggml.eos_token_id", .uint32(2)), ("tokenizer.ggml.eot_token_id", .uint32(2)),
                ("tokenizer.ggml.padding_token_id", .uint32(.max)), ("general.sampling.temp", .float32(0.5)),
                ("general.sampling.penalty_last_n", .int32(64)),
            ]))
        let generation = try #require(try checkpoint.configFile("generation_config.json"))
        #expect(generation["eos_token_id"] == .array([.integer(2), .integer(1), .integer(3)]))
        #expect(generation["temperature"] == .double(0.5) && generation["do_sample"] == .bool(true))
        #expect(!generation.has("pad_token_id"))
    }

    @Test func templatesOfChats() throws {
        let one = try Self.open(Self.model([("tokenizer.chat_template", .string("x"))]))
        #expect(try one.configFile("tokenizer_config.json")?["chat_template"] == .string("x"))
        let two = try Self.open(
            Self.model([
                ("tokenizer.chat_template", .string("x")), ("tokenizer.chat_templates", .strings(["tool_use"])),
                ("tokenizer.chat_template.tool_use", .string("y")),
            ]))
        let templates = try two.configFile("tokenizer_config.json")?["chat_template"]?.array
        #expect(templates?.map { $0["name"] } == [.string("default"), .string("tool_use")])
        #expect(templates?.map { $0["template"] } == [.string("x"), .string("y")])
    }

    // MARK: Encoders

    /// A BERT without layers whose table of positions is 2, 3.
    private static func encoder(
        _ pairs: [(key: String, value: GGUF.Value)] = [], tensors: [GGUF.Tensor] = []
    ) -> GGUF {
        let own = Set(pairs.map(\.key))
        let sizes: [(key: String, value: GGUF.Value)] = [
            ("general.architecture", .string("bert")), ("bert.context_length", .uint32(2)),
            ("bert.embedding_length", .uint32(1)), ("bert.block_count", .uint32(0)),
            ("bert.feed_forward_length", .uint32(8)), ("bert.attention.head_count", .uint32(1)),
            ("bert.attention.layer_norm_epsilon", .float32(0.5)), ("tokenizer.ggml.model", .string("bert")),
        ]
        return GGUF(
            sizes.filter { !own.contains($0.key) } + pairs,
            [
                GGUF.Tensor("token_embd.weight", [1, 3], floats: [0, 1, 2]),
                GGUF.Tensor("token_types.weight", [1, 1], floats: [4]),
                GGUF.Tensor("position_embd.weight", [1, 2], floats: [2, 3]),
            ] + tensors)
    }

    @Test func encoders() throws {
        let plain = try Self.open(
            Self.encoder([("bert.pooling_type", .uint32(2)), ("bert.attention.causal", .bool(0))]))
        #expect(plain.gguf?.pooling == .first && plain.config["model_type"] == .string("bert"))
        #expect(plain.config["max_position_embeddings"] == .integer(2))
        #expect(plain.config["type_vocab_size"] == .integer(1))
        #expect(try plain.weights().has("embeddings.position_embeddings.weight"))
        // RoBERTa has other tokenizers, and positions behind that of its padding token.
        let other = try Self.open(
            Self.encoder(
                [("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.padding_token_id", .uint32(1))],
                tensors: [GGUF.Tensor("cls.output.weight", [1, 3], floats: [1, 2, 3])]))
        #expect(other.gguf?.pooling == nil && other.config["model_type"] == .string("roberta"))
        #expect(other.config["architectures"] == .array([.string("RobertaForSequenceClassification")]))
        #expect(other.config["max_position_embeddings"] == .integer(4) && other.config["num_labels"] == .integer(3))
        let table = try other.weights().tensor("embeddings.position_embeddings.weight", shape: [4, 1])
        for range in [0..<4, 0..<1, 1..<3, 2..<4, 3..<4] {
            var numbers = [Float](repeating: -1, count: range.count)
            try numbers.withUnsafeMutableBytes { try table.read(at: 4 * range.lowerBound, into: $0) }
            #expect(numbers == Array([0, 0, 2, 3][range]))
        }
    }

    @Test(arguments: [
        ("bert.attention.causal", GGUF.Value.bool(1), "see each other"),
        ("bert.attention.head_count_kv", .uint32(2), "as many heads"), ("bert.unheard_of", .bool(1), "without it"),
    ])
    func refusalsOfEncoders(key: String, value: GGUF.Value, words: String) throws {
        let error = #expect(throws: CheckpointError.self) { try Self.open(Self.encoder([(key, value)])) }
        #expect(error?.message.contains(key) == true && error?.message.contains(words) == true)
    }

    // MARK: Files

    @Test func pathsOfFiles() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.gguf", Self.model().file)
        for path in [directory.path, "\(directory.path)/a.gguf"] {
            let checkpoint = try Checkpoint(directory: path)
            #expect(checkpoint.gguf?.file == "\(directory.path)/a.gguf")
            #expect(try checkpoint.weights().has("model.embed_tokens.weight"))
            #expect(try checkpoint.configFile("added_tokens.json") == nil)
        }
        // Weights in another format come first.
        try directory.write("model.safetensors", [0])
        try directory.write("config.json", "{}".utf8)
        #expect(try Checkpoint(directory: directory.path).gguf == nil)
        #expect(try Checkpoint(directory: "\(directory.path)/a.gguf").gguf != nil)
        #expect(throws: CheckpointError.self) { try Checkpoint(directory: "\(directory.path)/config.json") }
    }

    @Test func severalFiles() throws {
        let directory = try TemporaryDirectory()
        for name in ["a.gguf", "b.gguf"] { try directory.write(name, Self.model().file) }
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path) }
        #expect(error?.message.hasSuffix("name the file of one: a.gguf, b.gguf") == true)
    }

    /// Parts of a model.
    private static func part(_ number: Int, of count: Int = 2, tensors: [GGUF.Tensor]) -> GGUF {
        var file = number == 0 ? model() : GGUF()
        file.pairs += [
            ("split.no", .uint32(UInt32(number))), ("split.count", .uint32(UInt32(count))),
            ("split.tensors.count", .int32(2)),
        ]
        file.tensors += tensors
        return file
    }

    @Test func parts() throws {
        let directory = try TemporaryDirectory()
        let norm = GGUF.Tensor("output_norm.weight", [4], floats: [1, 2, 3, 4])
        let (first, second) = ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf")
        try directory.write(first, Self.part(0, tensors: []).file)
        #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path) }
        try directory.write(second, Self.part(1, tensors: [norm]).file)
        #expect(try Checkpoint(directory: directory.path).weights().all.count == 2)
        let wrong = #expect(throws: CheckpointError.self) { try Checkpoint(directory: "\(directory.path)/\(second)") }
        #expect(wrong?.message.contains("name the first") == true)
        for file in [
            Self.part(1, tensors: []), Self.part(0, tensors: [norm]), Self.part(1, of: 3, tensors: [norm]),
            Self.part(1, tensors: [GGUF.Tensor("token_embd.weight", [4, 3], floats: (0..<12).map { Float($0) })]),
        ] {
            try directory.write(second, file.file)
            let error = #expect(throws: CheckpointError.self) { try Checkpoint(directory: directory.path) }
            #expect(error?.code == .malformedFile)
        }
    }
}
