import PenstockCheckpoints
import PenstockTestSupport
import Testing

/// Adapters that are merged, and those that cannot be.
@Suite struct AdapterTests {
    private typealias Entry = Safetensors.Entry

    /// A checkpoint with the weight `a` of three rows and two columns, and an adapter beside it.
    private static func directory(
        _ config: String, _ tensors: [Safetensors.Entry], model: String = "{}"
    ) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", model.utf8)
        try directory.write(
            "model.safetensors",
            Safetensors.file([
                Entry("model.a.weight", shape: [3, 2], [1, 2, 3, 4, 5, 6]), Entry("model.a.bias", shape: [1], [7]),
            ]))
        try directory.write("adapter_config.json", config.utf8)
        try directory.write("adapter_model.safetensors", Safetensors.file(tensors))
        return directory
    }

    private static let left = Entry("base_model.model.a.lora_A.weight", shape: [1, 2], [10, 20])
    private static let right = Entry("base_model.model.a.lora_B.weight", shape: [3, 1], [1, 0, -1])

    private static func merged(
        _ config: String, _ tensors: [Safetensors.Entry], model: String = "{}"
    ) throws -> Result<Weights, CheckpointError> {
        let directory = try directory(config, tensors, model: model)
        return withExtendedLifetime(directory) {
            Result { () throws(CheckpointError) in
                let weights = try Checkpoint(directory: directory.path).weights()
                // Files are open from here on.
                _ = try weights.tensor("model.a.weight", shape: weights.shape(of: "model.a.weight") ?? [])
                return weights
            }
        }
    }

    private static func floats(_ tensor: Tensor) throws -> [Float] {
        let bytes = try tensor.bytes()
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
    }

    /// Settings, and what stands in the place of the scale.
    @Test(
        arguments: [
            (#""r":1,"lora_alpha":2"#, 2), (#""r":1"#, 8), (#""r":8,"rank_pattern":{"a":1},"lora_alpha":3"#, 3),
            (#""r":1,"alpha_pattern":{"a":5}"#, 5), (#""r":1,"alpha_pattern":{"^a":5}"#, 5),
            (#""r":1,"alpha_pattern":{"b":5,"xa":6,"aa":4}"#, 8), (#""r":1,"alpha_pattern":{".":4}"#, 4),
            (#""r":1,"lora_alpha":2,"target_modules":["a","b"]"#, 2), (#""r":1,"target_modules":"all-linear""#, 8),
            (#""r":1,"lora_alpha":0"#, 0),
        ] as [(String, Float)])
    func scales(settings: String, scale: Float) throws {
        let weights = try Self.merged(#"{"peft_type":"LORA",\#(settings)}"#, [Self.left, Self.right]).get()
        let found = try weights.tensor("model.a.weight", shape: [3, 2])
        #expect(found.elementType == .float32 && weights.adapterBytes == 20)
        let update: [Float] = [10, 20, 0, 0, -10, -20]
        #expect(try Self.floats(found) == zip([1, 2, 3, 4, 5, 6], update).map { $0 + scale * $1 })
        // Some elements in the midst of rows.
        var piece = [Float](repeating: 0, count: 3)
        try piece.withUnsafeMutableBytes { try found.read(at: 4, into: $0) }
        #expect(piece == [2 + 20 * scale, 3, 4])
    }

    @Test func rankStabilised() throws {
        let config = #"{"peft_type":"LORA","r":4,"lora_alpha":6,"use_rslora":true}"#
        let tensors = [
            Entry("base_model.model.a.lora_A.weight", shape: [4, 2], [1, 0, 0, 1, 0, 0, 0, 0]),
            Entry("base_model.model.a.lora_B.weight", shape: [3, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]),
        ]
        let weights = try Self.merged(config, tensors).get()
        #expect(try Self.floats(weights.tensor("model.a.weight", shape: [3, 2])) == [4, 2, 3, 7, 5, 6])
    }

    /// Weights of GPT-2 and tables of embeddings are stored the other way round.
    @Test func transposedWeights() throws {
        let config = #"{"peft_type":"LORA","r":1,"lora_alpha":1}"#
        let tensors = [
            Entry("base_model.model.a.lora_embedding_A", shape: [1, 3], [1, 0, -1]),
            Entry("base_model.model.a.lora_embedding_B", shape: [2, 1], [10, 20]),
        ]
        let weights = try Self.merged(config, tensors).get()
        #expect(try Self.floats(weights.tensor("model.a.weight", shape: [3, 2])) == [11, 22, 3, 4, -5, -14])
    }

    /// Biases, and modules that were trained as a whole, with what `peft` has around them.
    @Test func otherTensors() throws {
        let weights = try Self.merged(
            #"{"peft_type":"LORA","r":1}"#,
            [
                Self.left, Self.right, Entry("base_model.model.a.base_layer.bias", shape: [1], [1]),
                Entry("base_model.model.head.modules_to_save.default.weight", shape: [1], [2]),
                Entry("base_model.model.head.original_module.weight", shape: [1], [3]),
                Entry("base_model.model.head.bias", shape: [1], [4]),
                Entry("base_model.model.head.modules_to_save.bias", shape: [1], [5]),
            ]
        ).get()
        #expect(try Self.floats(weights.tensor("model.a.bias", shape: [1])) == [1])
        #expect(try Self.floats(weights.tensor("model.head.weight", shape: [1])) == [2])
        #expect(try Self.floats(weights.tensor("model.head.bias", shape: [1])) == [4])
    }

    /// A class may have parts of what files have as one, each of which has its own adapter or stands for itself.
    @Test(arguments: ["new", "gte"], ["", "gte.", "new."])
    func partsOfTensors(of type: String, prefix: String) throws {
        let directory = try TemporaryDirectory()
        let file = "\(prefix)encoder.layer.0"
        try directory.write("config.json", #"{"model_type":"\#(type)"}"#.utf8)
        try directory.write(
            "model.safetensors",
            Safetensors.file([
                Entry("\(file).attention.qkv_proj.bias", shape: [3], [1, 2, 3]),
                Entry("\(file).attention.qkv_proj.weight", shape: [3, 2], [1, 2, 3, 4, 5, 6]),
                Entry("\(file).attn_ln.bias", shape: [1], [7]),
            ]))
        let own = "base_model.model.gte.layers.0"
        let tensors = [
            Entry("\(own).self_attn.q_proj.lora_A.weight", shape: [1, 2], [10, 20]),
            Entry("\(own).self_attn.q_proj.lora_B.weight", shape: [1, 1], [1]),
            Entry("\(own).self_attn.v_proj.lora_A.weight", shape: [1, 2], [1, 0]),
            Entry("\(own).self_attn.v_proj.lora_B.weight", shape: [1, 1], [1]),
            Entry("\(own).self_attn.k_proj.weight", shape: [1, 2], [30, 40]),
            Entry("\(own).self_attn.v_proj.base_layer.bias", shape: [1], [9]),
            Entry("\(own).post_attention_layernorm.bias", shape: [1], [8]),
        ]
        try directory.write("adapter_config.json", #"{"peft_type":"LORA","r":1,"lora_alpha":1}"#.utf8)
        try directory.write("adapter_model.safetensors", Safetensors.file(tensors))
        let weights = try Checkpoint(directory: directory.path).weights()[file]
        let weight = try weights.tensor("attention.qkv_proj.weight", shape: [3, 2])
        #expect(try Self.floats(weight) == [11, 22, 30, 40, 6, 6])
        #expect(try Self.floats(weights.tensor("attention.qkv_proj.bias", shape: [3])) == [1, 2, 9])
        #expect(try Self.floats(weights.tensor("attn_ln.bias", shape: [1])) == [8])
        // Some elements, of which the first and the last are in the midst of parts.
        var piece = [Float](repeating: 0, count: 4)
        try piece.withUnsafeMutableBytes { try weight.read(at: 4, into: $0) }
        #expect(piece == [22, 30, 40, 6])

        for (entry, message) in [
            (Entry("\(own).self_attn.q_proj.weight", shape: [1, 2], [1, 2]), "has two tensors for \(file)"),
            (Entry("\(file).attention.qkv_proj.weight", shape: [1, 2], [1, 2]), "has two tensors for \(file)"),
            (
                Entry("\(own).self_attn.k_proj.bias", shape: [2], [1, 2]),
                "has the shape [2], but that of the base is [1]"
            ),
        ] {
            try directory.write("adapter_model.safetensors", Safetensors.file(tensors + [entry]))
            let error = #expect(throws: CheckpointError.self) {
                try Checkpoint(directory: directory.path).weights()
            }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    static let settings: [(settings: String, message: String)] = [
        (#""peft_type":"IA3""#, #"peft_type is "IA3", but has to be "LORA""#), (#""r":1"#, "peft_type is null"),
        (#""peft_type":"LORA","use_dora":true"#, "use_dora is true, which is not supported"),
        (#""peft_type":"LORA","use_qalora":true"#, "use_qalora is true, which is not supported"),
        (#""peft_type":"LORA","lora_bias":true"#, "lora_bias is true, which is not supported"),
        (#""peft_type":"LORA","layer_replication":[[0,1]]"#, "layer_replication is [[0,1]], which is not supported"),
        (#""peft_type":"LORA","target_parameters":["a"]"#, #"target_parameters is ["a"], which is not supported"#),
        (#""peft_type":"LORA","init_lora_weights":"pissa""#, #"init_lora_weights is "pissa", which is not supported"#),
        (#""peft_type":"LORA","something_new":1"#, "something_new is 1, which is not supported"),
        (#""peft_type":"LORA","alpha_pattern":{"a.*":1}"#, "alpha_pattern.a.* is 1, which is not supported"),
        (#""peft_type":"LORA","r":0"#, "r is 0, but has to be an integer from 1"),
        (#""peft_type":"LORA","lora_alpha":-1"#, "lora_alpha is -1, but has to be a number of at least 0"),
        (#""peft_type":"LORA","r":2"#, "the adapter of a has the rank 1, but r or rank_pattern says 2"),
        (#""peft_type":"LORA","r":1,"target_modules":["b"]"#, "do not name a, which has tensors all the same"),
        (
            #""peft_type":"LORA","r":1,"target_modules":["a"],"layers_to_transform":[0]"#,
            "do not name a, which has tensors all the same"
        ),
    ]

    @Test(arguments: settings)
    func refusedSettings(settings: String, message: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try Self.merged("{\(settings)}", [Self.left, Self.right]).get()
        }
        #expect(error?.file.hasSuffix("/adapter_config.json") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    static let faults: [(tensors: [Safetensors.Entry], message: String)] = [
        ([left], "the adapter of a has one of its two tensors only"),
        (
            [left, Entry("base_model.model.a.lora_B.weight", shape: [3, 2], [1, 0, 1, 0, 1, 0])],
            "the adapter of a has the shapes [1, 2] and [3, 2], which make no product of matrices"
        ),
        (
            [left, Entry("base_model.model.a.lora_B.weight", shape: [2, 1], [1, 0])],
            "the adapter of a is for a weight of shape [2, 2], but that of the base is [3, 2]"
        ),
        (
            [
                Entry("base_model.model.b.lora_A.weight", shape: [1, 2], [1, 2]),
                Entry("base_model.model.b.lora_B.weight", shape: [3, 1], [1, 2, 3]),
            ], "the adapter of b has tensors here, but no weight in"
        ),
        (
            [left, right, Entry("base_model.model.a.lora_magnitude_vector", shape: [3], [1, 2, 3])],
            "tensor base_model.model.a.lora_magnitude_vector is not of LoRA as it is supported"
        ),
        (
            [left, right, Entry("a.bias", shape: [1], [1]), Entry("base_model.model.a.bias", shape: [1], [1])],
            "tensor base_model.model.a.bias is there twice"
        ),
        (
            [left, right, Entry("a.weight", shape: [3, 2], [1, 2, 3, 4, 5, 6])],
            "has two tensors for model.a.weight of the base"
        ),
    ]

    @Test(arguments: faults)
    func refusedTensors(tensors: [Safetensors.Entry], message: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try Self.merged(#"{"peft_type":"LORA","r":1}"#, tensors).get()
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
}
