import PenstockCheckpoints
import PenstockCompute

/// config.json, with the names and defaults of `NomicBertConfig` and, where there is none of these, the names that the
/// code beside Nomic's checkpoints has from GPT-2.
struct NomicBertConfig: Sendable {
    let vocabSize: Int
    let shape: EncoderShape
    /// Of the half of a feed-forward that is not the factor.
    let hiddenAct: Activation
    let typeVocabSize: Int
    let layerNormEps: Double
    let rotary: RotarySettings
    /// Positions are angles, and there are more than those of training, unless they would become others.
    let longestSequence: Int
    let tieWordEmbeddings: Bool
    let labels: Int

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "tie_word_embeddings",
        "position_embedding_type",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkSettings(honoured: Self.keys)
        try Self.refuseOtherLayers(file)
        vocabSize = try file.size("vocab_size", default: 30528)
        let hiddenSize = try file.size("hidden_size", or: "n_embd", default: 768)
        shape = EncoderShape(
            hiddenSize: hiddenSize,
            layers: try file.size("num_hidden_layers", or: "n_layer", default: 12, atLeast: 0),
            attention: try file.attentionShape(
                heads: "num_attention_heads", or: "n_head", of: ("hidden_size", hiddenSize)),
            intermediateSize: try file.size("intermediate_size", or: "n_inner", default: 3072), isGated: true)
        try file.checkRotaryHeads(shape.attention)
        hiddenAct = try Self.activation(file)
        typeVocabSize = try file.size("type_vocab_size", default: 2, atLeast: 0)
        layerNormEps = try file.magnitude(file.present("layer_norm_eps", or: "layer_norm_epsilon"), default: 1e-12)
        let angles = try file.angles()
        rotary = try RotarySettings(
            file,
            RotarySettings.Source(
                parameters: angles,
                theta: (file.present("rope_theta", or: "rotary_emb_base"), 1000)))
        longestSequence = try Self.longestSequence(file, isDynamic: rotary.isDynamic)
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        labels = try file.labelCount()
    }

    /// The tokens of the longest text: as many as there are positions, or where angles become others those of training.
    private static func longestSequence(_ file: ConfigFile, isDynamic: Bool) throws(CheckpointError) -> Int {
        let (positions, trained) = ("max_position_embeddings", "max_trained_positions")
        if file["rotary_scaling_factor"] != nil { return try file.size(trained, or: positions, default: 2048) }
        let most = try file.size(positions, or: trained, default: 2048)
        return isDynamic ? most : max(most, try file.size("n_positions", default: most))
    }

    private static func activation(_ file: ConfigFile) throws(CheckpointError) -> Activation {
        let gates: [String: Activation] = ["glu": .sigmoid, "swiglu": .silu, "geglu": .gelu]
        if file["hidden_act"] == nil, let name = try file.string("activation_function") {
            guard let activation = gates[name] else {
                throw file.unsupported(
                    "activation_function",
                    "feed-forwards have to be gated: \(gates.keys.sorted().joined(separator: ", "))")
            }
            return activation
        }
        return try file.activation("hidden_act", default: "silu")
    }

    /// Refuses what the code beside the checkpoints can do otherwise, and `transformers` cannot.
    private static func refuseOtherLayers(_ file: ConfigFile) throws(CheckpointError) {
        for key in ["prenorm", "parallel_block", "use_rms_norm", "causal", "rotary_emb_interleaved"] {
            try file.require(key, [.bool(false)], "it has to be false")
        }
        for key in ["qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias"] {
            try file.require(key, [.bool(false)], "layers have no biases")
        }
        try file.require("rotary_emb_fraction", [.integer(1), .double(1)], "all numbers of a head are turned")
        try file.require("rotary_emb_scale_base", [], "it has to be null")
        try file.require("num_experts", [.integer(0)], "experts are not supported")
        try file.require(
            "position_embedding_type", [.string("rope"), .string("rotary"), .string("absolute")],
            "positions have to be rotary")
    }
}
