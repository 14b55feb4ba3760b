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
        try load(family, "rope_parameters", parameters(byType: !byType))
    }

    @Test func headsOfAnOddSize() throws {
        let error = #expect(throws: CheckpointError.self) { try load("qwen3", "head_dim", .integer(7)) }
        #expect(error?.message.contains("head_dim is 7") == true, "\(String(describing: error))")
    }

    /// Loads a fixture with another value of a key of config.json.
    private func load(_ family: String, _ key: String, _ value: JSONValue) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.path("decoders/\(family)"))
        try directory.configure(key, value)
        _ = try ModelRegistry.load(
            try Checkpoint(directory: directory.path), readouts: [.hiddenStates],
            for: LoadTarget(makeTurns(threads: 1)))
    }
}
