import PenstockJSON

/// Architectures with layer norms, all of whose layers have biases.
extension GGUFArchitecture {
    static let gpt2 = GGUFArchitecture(
        name: "gpt2", modelType: "gpt2", modelClass: "GPT2LMHeadModel",
        places: places(
            [
                "token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f",
                "output": "lm_head",
            ], layers: "transformer.h.#",
            [
                "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
                "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
            ]),
        hasOutputsFirst: true, keys: [epsilonKey],
        settings: { (file) throws(CheckpointError) in
            [
                ("n_embd", .integer(try file.size("embedding_length"))),
                ("n_inner", .integer(try file.size("feed_forward_length"))),
                ("n_layer", .integer(try file.size("block_count", atLeast: 0))),
                ("n_head", .integer(try evenHeads(file))),
                ("n_positions", .integer(try file.size("context_length"))),
                ("layer_norm_epsilon", .double(try file.requiredMagnitude(epsilonKey))),
            ]
        })

    static let bloom = GGUFArchitecture(
        name: "bloom", modelType: "bloom", modelClass: "BloomForCausalLM",
        places: places(
            [
                "token_embd": "transformer.word_embeddings", "output_norm": "transformer.ln_f", "output": "lm_head",
                "token_embd_norm": "transformer.word_embeddings_layernorm",
            ], layers: "transformer.h.#",
            [
                "attn_norm": "input_layernorm", "attn_qkv": "self_attention.query_key_value",
                "attn_output": "self_attention.dense", "ffn_norm": "post_attention_layernorm",
                "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
            ]),
        keys: [epsilonKey],
        settings: { (file) throws(CheckpointError) in
            let size = try file.size("embedding_length")
            guard try file.size("feed_forward_length", default: 4 * size) == 4 * size else {
                throw file.unsupported("feed_forward_length", "it has to be \(4 * size)")
            }
            return [
                ("hidden_size", .integer(size)), ("n_layer", .integer(try file.size("block_count", atLeast: 0))),
                ("n_head", .integer(try evenHeads(file))), ("seq_length", .integer(try file.size("context_length"))),
                ("layer_norm_epsilon", .double(try file.requiredMagnitude(epsilonKey))),
            ]
        })

    static let gptneox = GGUFArchitecture(
        name: "gptneox", modelType: "gpt_neox", modelClass: "GPTNeoXForCausalLM",
        places: places(
            [
                "token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm", "output": "embed_out",
            ], layers: "gpt_neox.layers.#",
            [
                "attn_norm": "input_layernorm", "attn_qkv": "attention.query_key_value",
                "attn_output": "attention.dense", "ffn_norm": "post_attention_layernorm",
                "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
            ]),
        keys: GGUFRotary.keys.union([epsilonKey, "use_parallel_residual"]),
        settings: { (file) throws(CheckpointError) in
            let (size, heads) = (try file.size("embedding_length"), try evenHeads(file))
            let share = max(1, size / heads)
            let turned = try file.size("rope.dimension_count", default: share)
            return try GGUFRotary(file).settings + [
                ("hidden_size", .integer(size)), ("num_attention_heads", .integer(heads)),
                ("intermediate_size", .integer(file.size("feed_forward_length"))),
                ("num_hidden_layers", .integer(file.size("block_count", atLeast: 0))),
                ("max_position_embeddings", .integer(file.size("context_length"))),
                ("layer_norm_eps", .double(file.requiredMagnitude(epsilonKey))),
                ("rotary_pct", .double(Double(turned) / Double(share))),
                ("use_parallel_residual", .bool(file.flag("use_parallel_residual") ?? true)),
            ]
        })

    // MARK: What they share

    static let epsilonKey = "attention.layer_norm_epsilon"

    private static func places(
        _ places: [String: String], layers: String, _ ofLayers: [String: String]
    ) -> [String: Place] {
        var all = places.mapValues { Place(name: $0, hasBias: true) }
        for (name, place) in ofLayers {
            let isTogether = place.hasSuffix("query_key_value")
            all["blk.#.\(name)"] = Place(
                name: "\(layers).\(place)", change: isTogether ? .headsTogether : nil, hasBias: true)
        }
        return all
    }

    /// The number of heads, of which queries have as many as keys.
    static func evenHeads(_ file: GGUFSettings) throws(CheckpointError) -> Int {
        let heads = try file.sizeOfAllLayers("attention.head_count")
        guard try file.sizeOfAllLayers("attention.head_count_kv", default: heads) == heads else {
            throw file.unsupported("attention.head_count_kv", "queries and keys have as many heads")
        }
        return heads
    }
}
