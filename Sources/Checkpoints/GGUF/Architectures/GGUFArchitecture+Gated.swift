import PenstockJSON

/// Llama and its relatives.
extension GGUFArchitecture {
    static let llama = GGUFArchitecture(
        name: "llama", modelType: "llama", modelClass: "LlamaForCausalLM",
        places: gatedPlaces(
            biased: ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"],
            changes: ["attn_q": .neighboursOfQueries, "attn_k": .neighboursOfKeys]),
        keys: gatedKeys.union(GGUFRotary.keys),
        settings: { (file) throws(CheckpointError) in
            try gated(file) + rotary(file, isWhole: true) + [
                ("attention_bias", .bool(file.hasTensor("blk.0.attn_q.bias"))),
                ("mlp_bias", .bool(file.hasTensor("blk.0.ffn_gate.bias"))),
            ]
        })

    /// Every fourth layer has no positions, and no key says so.
    static let smollm3 = GGUFArchitecture(
        name: "smollm3", modelType: "smollm3", modelClass: "SmolLM3ForCausalLM",
        places: gatedPlaces(changes: ["attn_q": .neighboursOfQueries, "attn_k": .neighboursOfKeys]),
        keys: gatedKeys.union(GGUFRotary.keys),
        settings: { (file) throws(CheckpointError) in
            try gated(file) + rotary(file, isWhole: true) + [("no_rope_layer_interval", .integer(4))]
        })

    static let qwen2 = GGUFArchitecture(
        name: "qwen2", modelType: "qwen2", modelClass: "Qwen2ForCausalLM",
        places: gatedPlaces(biased: ["attn_q", "attn_k", "attn_v"]), keys: gatedKeys.union(GGUFRotary.keys),
        settings: { (file) throws(CheckpointError) in try gated(file) + rotary(file, isWhole: true) })

    static let qwen3 = GGUFArchitecture(
        name: "qwen3", modelType: "qwen3", modelClass: "Qwen3ForCausalLM",
        places: gatedPlaces(biased: ["attn_q", "attn_k", "attn_v", "attn_output"]),
        keys: gatedKeys.union(GGUFRotary.keys),
        settings: { (file) throws(CheckpointError) in
            try gated(file) + rotary(file, isWhole: true)
                + [("attention_bias", .bool(file.hasTensor("blk.0.attn_q.bias")))]
        })

    /// A share of the numbers of a head may be turned. A window of 0 is none.
    static let phi3 = GGUFArchitecture(
        name: "phi3", modelType: "phi3", modelClass: "Phi3ForCausalLM",
        places: gatedPlaces(isFused: true),
        keys: gatedKeys.union(GGUFRotary.keys).union(["attention.sliding_window"]),
        settings: { (file) throws(CheckpointError) in
            let window = try file.size("attention.sliding_window", default: 0, atLeast: 0)
            return try gated(file) + rotary(file, isWhole: false)
                + [("sliding_window", window > 0 ? .integer(window) : .null)]
        })

    // MARK: What they share

    static let gatedKeys: Set<String> = [
        "attention.key_length", "attention.value_length", "attention.layer_norm_rms_epsilon", GGUFPooling.key,
    ]

    /// The tensors under the names of `transformers`.
    ///
    /// - Parameters:
    ///   - biased: those that may have a bias
    ///   - isFused: true if queries, keys and values are one tensor, and gate and factor are another
    ///   - hasOutputNorms: true if the outputs of attention and feed-forward are normalised
    static func gatedPlaces(
        biased: Set<String> = [], changes: [String: Change] = [:], isFused: Bool = false, hasOutputNorms: Bool = false
    ) -> [String: Place] {
        var ofLayers = [
            "attn_norm": "input_layernorm", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
            "attn_k_norm": "self_attn.k_norm",
            "ffn_norm": hasOutputNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm",
            "ffn_down": "mlp.down_proj",
        ]
        if isFused {
            ofLayers["attn_qkv"] = "self_attn.qkv_proj"
            ofLayers["ffn_up"] = "mlp.gate_up_proj"
        } else {
            for name in ["q", "k", "v"] { ofLayers["attn_\(name)"] = "self_attn.\(name)_proj" }
            for name in ["gate", "up"] { ofLayers["ffn_\(name)"] = "mlp.\(name)_proj" }
        }
        if hasOutputNorms {
            ofLayers["post_attention_norm"] = "post_attention_layernorm"
            ofLayers["post_ffw_norm"] = "post_feedforward_layernorm"
        }
        var places = [
            "token_embd": Place(name: "model.embed_tokens"), "output": Place(name: "lm_head"),
            "output_norm": Place(name: "model.norm", change: changes["output_norm"]),
        ]
        for (name, place) in ofLayers {
            places["blk.#.\(name)"] = Place(
                name: "model.layers.#.\(place)", change: changes[name], hasBias: biased.contains(name))
        }
        return places
    }

    /// The sizes by the words of config.json.
    static func gated(_ file: GGUFSettings) throws(CheckpointError) -> [(String, JSONValue)] {
        let heads = try file.sizeOfAllLayers("attention.head_count")
        guard try GGUFPooling(file) != .rank else {
            throw file.unsupported(GGUFPooling.key, "texts are ranked by encoders")
        }
        return [
            ("hidden_size", .integer(try file.size("embedding_length"))),
            ("intermediate_size", .integer(try file.sizeOfAllLayers("feed_forward_length"))),
            ("num_hidden_layers", .integer(try file.size("block_count", atLeast: 0))),
            ("num_attention_heads", .integer(heads)),
            ("num_key_value_heads", .integer(try file.sizeOfAllLayers("attention.head_count_kv", default: heads))),
            ("head_dim", .integer(try headSize(file))),
            ("max_position_embeddings", .integer(try file.size("context_length"))),
            ("rms_norm_eps", .double(try file.requiredMagnitude("attention.layer_norm_rms_epsilon"))),
        ]
    }

    /// The length of one head's vectors, which those of keys and values share.
    static func headSize(_ file: GGUFSettings) throws(CheckpointError) -> Int {
        let share = try file.size("embedding_length") / file.sizeOfAllLayers("attention.head_count")
        let size = try file.size("attention.key_length", default: share)
        guard try file.size("attention.value_length", default: size) == size else {
            throw file.unsupported("attention.value_length", "it has to be that of keys, \(size)")
        }
        return size
    }

    /// The rotation of heads by positions.
    ///
    /// - Parameter isWhole: true if all numbers of a head have to be turned
    static func rotary(_ file: GGUFSettings, isWhole: Bool) throws(CheckpointError) -> [(String, JSONValue)] {
        let size = try headSize(file)
        let turned = try file.size("rope.dimension_count", default: size)
        guard !isWhole || turned == size else {
            throw file.unsupported("rope.dimension_count", "all \(size) numbers of a head are turned")
        }
        return try GGUFRotary(file).settings
            + (turned == size ? [] : [("partial_rotary_factor", .double(Double(turned) / Double(size)))])
    }
}
