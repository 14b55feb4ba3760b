import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// Settings of decoders that change answers upstream, or that upstream does not heed, are refused by name.
@Suite struct DecoderSettingsTests {
    /// Each file of a decoder's code, and the settings with which its tokens see those behind them.
    static let families: [(name: String, heeded: [String])] =
        ["gpt2", "bloom", "gpt-neox", "opt"].map { ($0, []) }
        + ["llama", "mistral", "smollm3", "qwen2", "gemma", "gemma2", "phi3"].map { ($0, ["is_causal"]) }
        + [("gemma3", ["is_causal", "use_bidirectional_attention"])]

    @Test(arguments: families)
    func attentionToWhatFollows(family: String, heeded: [String]) throws {
        for (key, value) in [("is_causal", JSONValue.bool(false)), ("use_bidirectional_attention", .bool(true))] {
            guard !heeded.contains(key) else {
                try load(family, key, value)
                let error = #expect(throws: CheckpointError.self) {
                    try load(family, [(key, value)], generating: true)
                }
                #expect(error?.message.contains(key) == true)
                continue
            }
            let error = #expect(throws: CheckpointError.self) { try load(family, key, value) }
            #expect(error?.code == .invalidConfiguration && error?.message.contains(key) == true)
        }
        // What null means depends upstream on how attention is computed.
        let error = #expect(throws: CheckpointError.self) { try load(family, "is_causal", .null) }
        #expect(error?.message.contains("is_causal") == true)
        try load(family, "is_causal", .bool(true))
        try load(family, "use_bidirectional_attention", .null)
    }

    @Test(arguments: ["llama", "mistral", "smollm3", "qwen3", "gemma2", "gemma3"])
    func anglesForAShareOfAHead(family: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try load(family, "partial_rotary_factor", .double(0.5))
        }
        #expect(error?.message.contains("partial_rotary_factor") == true)
        try load(family, "partial_rotary_factor", .double(1))
    }

    /// Upstream does not heed it in the angles of a type of layers.
    @Test func wholeBoundsOfAngles() throws {
        func angles(_ truncate: Bool) -> JSONValue {
            let yarn = JSONObject([
                ("rope_type", .string("yarn")), ("rope_theta", .integer(50)), ("factor", .integer(4)),
                ("original_max_position_embeddings", .integer(12)), ("truncate", .bool(truncate)),
            ])
            return .object(JSONObject([("sliding_attention", .object(yarn))]))
        }
        let error = #expect(throws: CheckpointError.self) { try load("gemma3", "rope_parameters", angles(false)) }
        #expect(error?.message.contains("rope_parameters.sliding_attention.truncate") == true)
        try load("gemma3", "rope_parameters", angles(true))
    }

    /// Those of the other form would not count: an object for each type of layer, or one for all.
    @Test(arguments: [("gemma3", false), ("qwen3", true), ("mistral", true)])
    func anglesOfTypesOfLayers(family: String, byType: Bool) throws {
        func parameters(byType: Bool) -> JSONValue {
            let angles = JSONValue.object(
                JSONObject([("rope_type", .string("default")), ("rope_theta", .integer(50))]))
            return byType ? .object(JSONObject([("full_attention", angles)])) : angles
        }
        let error = #expect(throws: CheckpointError.self) {
            try load(family, "rope_parameters", parameters(byType: byType))
        }
        let key = byType ? "full_attention" : "rope_type"
        #expect(error?.message.contains("rope_parameters.\(key)") == true, "\(String(describing: error))")
        try load(family, [("rope_parameters", parameters(byType: !byType)), ("rope_scaling", .null)])
    }

    @Test func headsOfAnOddSize() throws {
        let error = #expect(throws: CheckpointError.self) { try load("qwen3", "head_dim", .integer(7)) }
        #expect(error?.message.contains("head_dim is 7") == true, "\(String(describing: error))")
    }

    /// Upstream's store of keys and values has windows that the layers of these families have not.
    @Test(arguments: ["gpt2", "bloom", "gpt-neox", "opt", "llama", "gemma"])
    func windowsThatLayersDoNotHave(family: String) throws {
        for key in ["sliding_window", "attention_chunk_size"] {
            let error = #expect(throws: CheckpointError.self) {
                try load(family, [(key, .integer(9))], generating: true)
            }
            #expect(error?.code == .invalidConfiguration && error?.message.contains(key) == true)
            try load(family, [(key, .null)], generating: true)
            // No text is longer.
            try load(family, [(key, .integer(4096))], generating: true)
            // What is not generated is not stored.
            try load(family, key, .integer(9))
        }
        let whole = JSONValue.string("full_attention")
        try load(family, [("sliding_window", .integer(9)), ("layer_types", .array([whole, whole]))], generating: true)
    }

    @Test(arguments: ["mistral", "phi3", "gemma2", "gemma3", "qwen2"])
    func windowsOfOneToken(family: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try load(family, [("sliding_window", .integer(1))], generating: true)
        }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("sliding_window") == true)
        try load(family, [("sliding_window", .integer(2))], generating: true)
        try load(family, "sliding_window", .integer(1))
    }

    @Test(arguments: ["llama", "gpt-neox", "phi3"])
    func emptyScalingIsNone(family: String) throws {
        let other = JSONObject([("rope_type", .string("other"))])
        let error = #expect(throws: CheckpointError.self) {
            try load(family, [("rope_scaling", .object(JSONObject())), ("rope_parameters", .object(other))])
        }
        #expect(error?.message.contains("rope_parameters.rope_type") == true)
    }

    /// Upstream puts the keys of `rope_scaling` among those of the layers that see all.
    @Test func scalingOfGemma3() throws {
        let old = JSONObject([("type", .string("linear")), ("factor", .integer(4))])
        let unread = #expect(throws: CheckpointError.self) { try load("gemma3", "rope_scaling", .object(old)) }
        #expect(unread?.message.contains("rope_scaling.type") == true)
        let full = JSONObject([("rope_type", .string("default")), ("rope_theta", .integer(70))])
        let twice = #expect(throws: CheckpointError.self) {
            try load("gemma3", "rope_parameters", .object(JSONObject([("full_attention", .object(full))])))
        }
        #expect(twice?.message.contains("rope_scaling") == true)
    }

    /// Loads a fixture with another value of a key of config.json.
    private func load(_ family: String, _ key: String, _ value: JSONValue) throws {
        try load(family, [(key, value)])
    }

    /// Loads a fixture with other values of keys of config.json.
    private func load(_ family: String, _ settings: [(String, JSONValue)], generating: Bool = false) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.path("decoders/\(family)"))
        for (key, value) in settings { try directory.configure(key, value) }
        let checkpoint = try Checkpoint(directory: directory.path)
        let target = LoadTarget(makeTurns(threads: 1))
        if generating {
            _ = try ModelRegistry.loadDecoder(checkpoint, for: target)
        } else {
            _ = try ModelRegistry.load(checkpoint, readouts: [.hiddenStates], for: target)
        }
    }
}
