import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// Settings of decoders that change answers upstream, or that upstream does not heed, are refused by name.
@Suite struct DecoderSettingsTests {
    /// Each file of a decoder's code: attention to what follows is decided in a place that all of them share.
    static let families = ["gpt2", "bloom", "gpt-neox", "opt", "llama", "smollm3", "qwen2", "gemma3", "phi3"]

    @Test(arguments: families)
    func attentionToWhatFollows(family: String) throws {
        for (key, value) in [
            ("is_causal", JSONValue.bool(false)), ("is_causal", .null), ("use_bidirectional_attention", .bool(true)),
        ] {
            let error = #expect(throws: CheckpointError.self) { try load(family, key, value) }
            #expect(error?.code == .invalidConfiguration && error?.message.contains(key) == true)
        }
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

    /// Loads a fixture with another value of a key of config.json.
    private func load(_ family: String, _ key: String, _ value: JSONValue) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.path("decoders/\(family)"))
        try directory.configure(key, value)
        _ = try ModelRegistry.load(
            try Checkpoint(directory: directory.path), readouts: [.hiddenStates],
            for: LoadTarget(makeTurns(threads: 1)))
    }
}
