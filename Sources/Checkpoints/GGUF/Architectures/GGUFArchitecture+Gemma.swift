import PenstockJSON

extension GGUFArchitecture {
    static let gemma = GGUFArchitecture(
        name: "gemma", modelType: "gemma", modelClass: "GemmaForCausalLM",
        places: gatedPlaces(changes: gemmaChanges), keys: gatedKeys.union(GGUFRotary.keys),
        settings: { (file) throws(CheckpointError) in try gated(file) + rotary(file, isWhole: true) })

    /// Layers of an even number have a window.
    static let gemma2 = GGUFArchitecture(
        name: "gemma2", modelType: "gemma2", modelClass: "Gemma2ForCausalLM",
        places: gatedPlaces(changes: gemmaChanges, hasOutputNorms: true),
        keys: gatedKeys.union(GGUFRotary.keys).union([
            "attn_logit_softcapping", "final_logit_softcapping", "attention.sliding_window",
        ]),
        settings: { (file) throws(CheckpointError) in
            try gated(file) + rotary(file, isWhole: true) + queryScale(file, layersOfLargest: 46) + [
                ("attn_logit_softcapping", .double(try file.magnitude("attn_logit_softcapping") ?? 50)),
                ("final_logit_softcapping", .double(try file.magnitude("final_logit_softcapping") ?? 30)),
                ("sliding_window", .integer(try file.size("attention.sliding_window", default: 4096))),
            ]
        })

    static let gemma3 = GGUFArchitecture(
        name: "gemma3", modelType: "gemma3_text", modelClass: "Gemma3ForCausalLM",
        places: gatedPlaces(changes: gemmaChanges, hasOutputNorms: true),
        keys: gatedKeys.union(GGUFRotary.keys).union([
            "final_logit_softcapping", "attention.sliding_window", "attention.sliding_window_pattern",
            "rope.freq_base_swa",
        ]),
        settings: { (file) throws(CheckpointError) in
            var entries = try gated(file) + rotary(file, isWhole: true) + queryScale(file, layersOfLargest: 62)
            if let limit = try file.magnitude("final_logit_softcapping"), limit > 0 {
                entries.append(("final_logit_softcapping", .double(limit)))
            }
            entries.append(("rope_local_base_freq", .double(try file.magnitude("rope.freq_base_swa") ?? 10_000)))
            // Without a window, all layers see everything.
            guard let window = file["attention.sliding_window"], window != .integer(0) else {
                return entries + [("sliding_window_pattern", .integer(1))]
            }
            entries.append(("sliding_window", .integer(try file.size("attention.sliding_window"))))
            return entries + [try windows(file)]
        })

    /// A list with true for each layer that has a window, or the distance of those that have none.
    private static func windows(_ file: GGUFSettings) throws(CheckpointError) -> (String, JSONValue) {
        let name = "attention.sliding_window_pattern"
        guard let layers = file[name]?.array else {
            return ("sliding_window_pattern", .integer(try file.size(name, default: 6)))
        }
        let types = layers.map { JSONValue.string($0.bool == true ? "sliding_attention" : "full_attention") }
        guard layers.allSatisfy({ $0.bool != nil }), types.count >= (try file.size("block_count", atLeast: 0)) else {
            throw file.unsupported(name, "it has to be a number, or a list with true or false for each layer")
        }
        return ("layer_types", .array(Array(types.prefix(try file.size("block_count", atLeast: 0)))))
    }

    /// The square of what scores are divided by. Files do not have it: it is the length of a head, and in the largest
    /// model, which is known by its layers, the heads' share of the hidden state.
    private static func queryScale(
        _ file: GGUFSettings, layersOfLargest: Int
    ) throws(CheckpointError) -> [(String, JSONValue)] {
        let heads = try file.sizeOfAllLayers("attention.head_count")
        let isLargest = try file.size("block_count", atLeast: 0) == layersOfLargest
        let square = isLargest ? try file.size("embedding_length") / heads : try headSize(file)
        return [("query_pre_attn_scalar", .integer(square))]
    }

    private static let gemmaChanges = Dictionary(
        uniqueKeysWithValues: [
            "attn_norm", "ffn_norm", "output_norm", "attn_q_norm", "attn_k_norm", "post_attention_norm",
            "post_ffw_norm",
        ].map { ($0, Change.plusOne) })
}
