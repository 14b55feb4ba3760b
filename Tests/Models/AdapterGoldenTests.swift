import PenstockCheckpoints
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// What models with adapters of `peft` compute, merged or not.
@Suite struct AdapterGoldenTests {
    @Test(
        arguments: [
            ("lora-features", "checkpoints/bert-encoder"), ("lora-sequence", "checkpoints/bert-tiny"),
            ("lora-masked", "checkpoints/bert-f16"), ("lora-transposed", "decoders/gpt2"),
            // The classes have other names than the files.
            ("lora-gte-masked", "checkpoints/gte-masked"), ("lora-gte-files", "checkpoints/gte-masked"),
            ("lora-gte-sequence", "checkpoints/gte-sequence"), ("lora-nomic-features", "checkpoints/nomic-encoder"),
            ("lora-nomic-sequence", "checkpoints/nomic-sequence"),
        ])
    func hiddenStates(adapter: String, base: String) throws {
        try check(adapter, on: Fixtures.path(base), isDecoder: base.hasPrefix("decoders"))
    }

    /// The layers of GPT-2 are stored the other way round in GGUF files.
    @Test func onAFileOfGGUF() throws {
        let directory = try TemporaryDirectory()
        let base = Fixtures.path("decoders/gpt2")
        try directory.write("a.gguf", try GGUF(gpt2: try Checkpoint(directory: base)).file)
        try check("lora-transposed", on: "\(directory.path)/a.gguf", isDecoder: true)
        // A layer that was trained as a whole is not turned round.
        try directory.write("adapter_config.json", Array(#"{"peft_type":"LORA","r":1}"#.utf8))
        try directory.write(
            "adapter_model.safetensors",
            Safetensors.file([
                Safetensors.Entry("base_model.model.h.0.attn.c_attn.modules_to_save.weight", shape: [1, 1], [1])
            ]))
        let error = #expect(throws: CheckpointError.self) {
            try Checkpoint(directory: directory.path, base: "\(directory.path)/a.gguf").weights()
        }
        #expect(error?.message.contains("h.0.attn.c_attn.weight") == true, "\(error?.message ?? "")")
    }

    private func check(_ adapter: String, on base: String, isDecoder: Bool) throws {
        let folder = Fixtures.path("adapters/\(adapter)")
        let golden = try #require(try Fixtures.json("\(folder)/golden.json")["cases"]?.array?.first)
        let ids = try #require(golden["input_ids"]?.array).map { Int32(try #require($0.integer)) }
        let expected = try #require(golden["last_hidden_state"]?.array)
        // Of a decoder the last token stands for a sequence.
        let model = try ModelRegistry.load(
            Checkpoint(directory: folder, base: base), readouts: [.hiddenStates],
            for: LoadTarget(makeTurns(threads: 2)))
        let input = ModelInput(
            ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: .hiddenStates,
            of: isDecoder ? .sequence : .someTokens(Array(ids.indices)))
        let found = model.readouts(of: [input], on: makeCPU(threads: 2))[0]
        let document = JSONValue.array(found.map { .array($0.map { .double(Double($0)) }) })
        let difference = document.difference(
            from: .array(isDecoder ? expected.suffix(1) : expected), relative: 1e-5, absolute: 1e-5)
        #expect(difference == nil)
    }
}

extension GGUF {
    /// A checkpoint of GPT-2 as converters write it.
    fileprivate init(gpt2 checkpoint: Checkpoint) throws {
        let names: KeyValuePairs = [
            "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "ln_1": "attn_norm",
            "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up",
            "mlp.c_proj": "ffn_down",
        ]
        var tensors: [Tensor] = []
        for tensor in try checkpoint.weights().all {
            var parts = tensor.name.split(separator: ".").map(String.init)
            let kind = parts.removeLast()
            let layer = parts.first == "h" ? "blk.\(parts[1])." : ""
            let name = parts.dropFirst(layer.isEmpty ? 0 : 2).joined(separator: ".")
            // The masks of attention are no weights.
            guard let new = names.first(where: { $0.key == name })?.value else { continue }
            var numbers = [Float](repeating: 0, count: tensor.shape.reduce(1, *))
            try numbers.withUnsafeMutableBytes { try tensor.read(at: 0, into: $0) }
            var shape = tensor.shape
            if name.contains("c_"), shape.count == 2 {
                let columns = shape[1]
                numbers = (0..<numbers.count).map { numbers[$0 % shape[0] * columns + $0 / shape[0]] }
                shape.reverse()
            }
            tensors.append(Tensor("\(layer)\(new).\(kind)", shape.reversed().map(UInt64.init), floats: numbers))
        }
        let config = checkpoint.config
        let keys = [
            "context_length": "n_positions", "embedding_length": "n_embd", "block_count": "n_layer",
            "feed_forward_length": "n_inner", "attention.head_count": "n_head",
        ]
        var pairs: [(key: String, value: Value)] = [("general.architecture", .string("gpt2"))]
        for (key, name) in keys {
            pairs.append(("gpt2.\(key)", .uint32(UInt32(try #require(config[name]?.integer)))))
        }
        let epsilon = Float(try #require(config["layer_norm_epsilon"]?.double))
        self.init(pairs + [("gpt2.attention.layer_norm_epsilon", .float32(epsilon))], tensors)
    }
}
