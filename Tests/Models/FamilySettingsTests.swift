import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// Settings of families that change answers: refused by name, or with the effect that they have upstream.
@Suite struct FamilySettingsTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        let checkpoint: String
        let key: String
        let value: JSONValue
        var testDescription: String { "\(checkpoint): \(key)" }

        init(_ checkpoint: String, _ key: String, _ value: JSONValue) {
            (self.checkpoint, self.key, self.value) = (checkpoint, key, value)
        }
    }

    private static func object(_ entries: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(JSONObject(entries.map { ($0.key, $0.value) }))
    }

    private static let refused = [
        Setting("mpnet-encoder", "relative_attention_num_buckets", .integer(31)),
        Setting("mpnet-encoder", "max_position_embeddings", .integer(2)),
        Setting("albert-masked", "num_hidden_layers", .integer(5000)),
        Setting("albert-masked", "num_hidden_groups", .integer(0)),
        Setting("electra-masked", "embedding_size", .null),
        Setting("modernbert-encoder", "layer_types", .array([.string("full_attention")])),
        Setting("modernbert-encoder", "layer_types", .array(Array(repeating: .string("chunked_attention"), count: 4))),
        Setting("modernbert-sequence", "classifier_pooling", .string("max")),
        Setting("modernbert-sequence", "global_attn_every_n_layers", .integer(0)),
        Setting("modernbert-encoder", "head_dim", .integer(10)),
        Setting("modernbert-encoder", "sliding_window", .integer(63)),
        Setting("modernbert-encoder", "rope_scaling", object(["type": .string("linear"), "factor": .integer(2)])),
        Setting("modernbert-sequence", "rope_scaling", object(["type": .string("linear"), "factor": .integer(2)])),
        Setting("modernbert-encoder", "partial_rotary_factor", .double(0.5)),
        Setting("modernbert-encoder", "rope_parameters", object(["rope_theta": .integer(50)])),
        Setting("nomic-encoder", "rope_parameters", object(["rope_type": .string("yarn"), "factor": .integer(2)])),
        Setting("nomic-encoder", "rope_parameters", object(["rope_type": .string("linear")])),
        Setting("nomic-encoder", "rope_parameters", object(["rope_type": .string("ntk"), "factor": .integer(2)])),
        Setting("nomic-encoder", "rope_parameters", object(["rope_theta": .integer(0)])),
        Setting(
            "nomic-encoder", "rope_parameters", object(["full_attention": object(["rope_theta": .integer(50)])])),
        Setting("nomic-masked-published", "prenorm", .bool(true)),
        Setting("nomic-masked-published", "mlp_fc1_bias", .bool(true)),
        Setting("nomic-masked-published", "rotary_emb_fraction", .double(0.5)),
        Setting("nomic-masked-published", "rotary_emb_interleaved", .bool(true)),
        Setting("nomic-masked-published", "activation_function", .string("gelu")),
        Setting("nomic-masked-published", "num_experts", .integer(8)),
        Setting("gte-masked-published", "position_embedding_type", .string("absolute")),
        Setting("gte-masked-published", "layer_norm_type", .string("rms_norm")),
        Setting("gte-masked-published", "logn_attention_scale", .bool(true)),
        Setting("gte-masked-published", "num_attention_heads", .integer(8)),
        Setting("deberta-encoder", "conv_kernel_size", .integer(3)),
        Setting("deberta-encoder", "embedding_size", .integer(12)),
        Setting("deberta-encoder", "pooler_hidden_size", .integer(12)),
        Setting("deberta-encoder", "attention_head_size", .integer(5)),
        Setting("deberta-encoder", "position_buckets", .integer(200)),
        Setting("deberta-encoder", "pos_att_type", .integer(1)),
    ]

    @Test(arguments: refused)
    func refusedByName(setting: Setting) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(setting.checkpoint))
        try directory.configure(setting.key, setting.value)
        let error = #expect(throws: CheckpointError.self) { try load(directory.path, .hiddenStates) }
        #expect(error?.code == .invalidConfiguration)
        // What an object holds is named by its own key.
        let names = [setting.key, "rope_type", "rope_theta", "factor", "type", "full_attention"]
        #expect(names.contains { error?.message.contains($0) == true }, "\(String(describing: error))")
    }

    /// Settings that say in other words what the file says already.
    private static let equal = [
        Setting("modernbert-encoder", "layer_types", .null),
        Setting("modernbert-encoder", "local_attention", .integer(129)),
        Setting("modernbert-encoder", "sparse_prediction", .bool(true)),
        Setting("modernbert-encoder", "rope_scaling", object([:])),
        Setting("nomic-encoder", "rope_parameters", .null),
        Setting("nomic-encoder", "rope_parameters", object(["type": .string("dynamic"), "factor": .integer(2)])),
        Setting("nomic-encoder", "n_embd", .integer(7)),
        Setting("nomic-masked-published", "max_trained_positions", .integer(40)),
        Setting("gte-masked-published", "pack_qkv", .bool(false)),
        Setting("gte-masked-published", "rope_scaling", object(["type": .string("ntk"), "factor": .integer(1)])),
        Setting("gte-masked-published", "auto_map", .null),
        Setting("deberta-encoder", "pos_att_type", .string(" C2P | p2c")),
        Setting("deberta-encoder", "conv_kernel_size", .integer(0)),
        Setting("deberta-encoder", "max_relative_positions", .integer(48)),
    ]

    @Test(arguments: equal)
    func equalInOtherWords(setting: Setting) throws {
        let (before, after) = try statesOf(setting)
        #expect(before == after)
    }

    /// Settings that change the answers.
    private static let other = [
        Setting("modernbert-encoder", "local_attention", .integer(2)),
        Setting("modernbert-encoder", "layer_types", .array(Array(repeating: .string("full_attention"), count: 4))),
        Setting("modernbert-sequence", "global_rope_theta", .integer(50)),
        Setting("modernbert-sequence", "local_rope_theta", .integer(50)),
        Setting("modernbert-encoder", "norm_eps", .double(0.5)),
        Setting("nomic-encoder", "hidden_act", .string("silu")),
        Setting("nomic-masked-published", "activation_function", .string("geglu")),
        Setting("nomic-masked-published", "rotary_emb_base", .integer(10_000)),
        Setting("gte-masked-published", "rope_theta", .integer(10_000)),
        Setting("deberta-encoder", "pos_att_type", .array([.string("c2p")])),
        Setting("deberta-encoder", "share_att_key", .bool(true)),
        Setting("deberta-encoder", "relative_attention", .bool(false)),
        Setting("deberta-encoder", "max_relative_positions", .integer(20)),
        Setting("deberta-masked", "norm_rel_ebd", .string("none")),
        Setting("gte-masked-published", "rope_scaling", object(["type": .string("ntk"), "factor": .integer(2)])),
        Setting("gte-masked-published", "rope_scaling", object(["type": .string("linear"), "factor": .integer(2)])),
    ]

    @Test(arguments: other)
    func otherAnswers(setting: Setting) throws {
        let (before, after) = try statesOf(setting)
        #expect(before != after)
    }

    /// `rope_scaling` without anything in it says nothing, and `rope_parameters` counts.
    @Test func emptyScalingIsNone() throws {
        let source = Fixtures.checkpoint("nomic-encoder")
        func states(_ settings: KeyValuePairs<String, JSONValue>) throws -> [[[Float]]] {
            let directory = try TemporaryDirectory(copyOf: source)
            for (key, value) in settings { try directory.configure(key, value) }
            var random = SeededGenerator(seed: 8)
            let model = try load(directory.path, .hiddenStates)
            return model.readouts(of: [model.sequence(length: 40, &random)], on: makeCPU(threads: 1))
        }
        let parameters = Self.object(["rope_type": .string("default"), "rope_theta": .integer(5)])
        let expected = try states(["rope_parameters": parameters])
        let (both, neither) = (
            try states(["rope_parameters": parameters, "rope_scaling": Self.object([:])]), try states([:])
        )
        #expect(both == expected && neither != expected)
    }

    private func statesOf(_ setting: Setting) throws -> ([[[Float]]], [[[Float]]]) {
        let source = Fixtures.checkpoint(setting.checkpoint)
        let directory = try TemporaryDirectory(copyOf: source)
        try directory.configure(setting.key, setting.value)
        var random = SeededGenerator(seed: 8)
        let model = try load(source, .hiddenStates)
        let input = model.sequence(length: 40, &random)
        let cpu = makeCPU(threads: 1)
        return (
            model.readouts(of: [input], on: cpu), try load(directory.path, .hiddenStates).readouts(of: [input], on: cpu)
        )
    }

    /// Angles become others beyond the sequences of training, so that longer ones are not taken.
    @Test func dynamicAnglesBoundTheLength() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("nomic-masked-published"))
        #expect(try load(directory.path, .hiddenStates).limits.tokens == 48)
        try directory.configure("rotary_scaling_factor", .integer(2))
        #expect(try load(directory.path, .hiddenStates).limits.tokens == 20)
        try directory.configure("max_position_embeddings", .integer(48))
        #expect(try load(directory.path, .hiddenStates).limits.tokens == 20)
    }

    /// ALBERT's layers are read once, however often they are run.
    @Test func sharedLayersTakeMemoryOnce() throws {
        func bytes(_ layers: Int) throws -> Int {
            let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("albert-masked"))
            try directory.configure("num_hidden_layers", .integer(layers))
            let plan = WeightCount()
            _ = try ModelRegistry.load(
                try Checkpoint(directory: directory.path), readouts: [.hiddenStates],
                for: LoadTarget(makeTurns(threads: 1), plan: plan))
            return plan.bytes
        }
        let (few, many) = (try bytes(1), try bytes(100))
        #expect(few == many && few > 0)
    }
}
