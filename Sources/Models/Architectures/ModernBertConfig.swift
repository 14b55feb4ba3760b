import PenstockCheckpoints
import PenstockCompute

/// config.json, with the defaults of `ModernBertConfig`.
struct ModernBertConfig: Sendable {
    let vocabSize: Int
    let shape: EncoderShape
    let hiddenActivation: Activation
    let maxPositionEmbeddings: Int
    let normEps: Double
    let normBias: Bool
    let attentionBias: Bool
    let mlpBias: Bool
    let layerTypes: [AttentionType]
    /// The tokens of a window, half of them on each side.
    let localAttention: Int
    let rotary: [AttentionType: RotarySettings]
    let decoderBias: Bool
    let classifierBias: Bool
    let classifierActivation: Activation
    /// True if a sequence is classified by the mean of its hidden states, and not by its first.
    let poolsMean: Bool
    let tieWordEmbeddings: Bool
    let labels: Int

    private static let keys = [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "hidden_activation", "max_position_embeddings", "norm_eps", "norm_bias", "attention_bias", "mlp_bias",
        "local_attention", "decoder_bias", "classifier_pooling", "classifier_bias", "classifier_activation",
        "tie_word_embeddings", "global_attn_every_n_layers",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkSettings(honoured: Self.keys)
        vocabSize = try file.size("vocab_size", default: 50368)
        let hiddenSize = try file.size("hidden_size", default: 768)
        shape = EncoderShape(
            hiddenSize: hiddenSize, layers: try file.size("num_hidden_layers", default: 22, atLeast: 0),
            attention: try file.attentionShape(heads: "num_attention_heads", of: ("hidden_size", hiddenSize)),
            intermediateSize: try file.size("intermediate_size", default: 1152), isGated: true)
        try file.checkRotaryHeads(shape.attention)
        hiddenActivation = try file.activation("hidden_activation", default: "gelu")
        maxPositionEmbeddings = try file.size("max_position_embeddings", default: 8192)
        normEps = try file.magnitude("norm_eps", default: 1e-5)
        normBias = try file.flag("norm_bias", default: false)
        attentionBias = try file.flag("attention_bias", default: false)
        mlpBias = try file.flag("mlp_bias", default: false)
        // In old files every so many layers a full one.
        let step = try file.size("global_attn_every_n_layers", default: 3)
        layerTypes = try file.layerTypes(layers: shape.layers) { $0.isMultiple(of: step) ? .full : .sliding }
        localAttention = try file.size("local_attention", default: 128)
        try file.require(
            "sliding_window", [.integer(localAttention / 2)], "it has to be half of local_attention, or not there")
        rotary = try Self.rotary(file)
        decoderBias = try file.flag("decoder_bias", default: true)
        classifierBias = try file.flag("classifier_bias", default: false)
        classifierActivation = try file.activation("classifier_activation", default: "gelu")
        let pooling = try file.string("classifier_pooling") ?? "cls"
        guard ["cls", "mean"].contains(pooling) else {
            throw file.invalid("classifier_pooling", .string(pooling), "\"cls\" or \"mean\"")
        }
        poolsMean = pooling == "mean"
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        labels = try file.labelCount()
    }

    /// `rope_parameters` of each type, in old files `global_rope_theta` and `local_rope_theta`; `rope_scaling` is for both.
    private static func rotary(_ file: ConfigFile) throws(CheckpointError) -> [AttentionType: RotarySettings] {
        let parameters = try file.section("rope_parameters")
        try parameters?.checkRotaryForm(byType: true)
        let scaling = try file.section("rope_scaling").flatMap { $0.keys.isEmpty ? nil : $0 }
        if let scaling {
            if parameters != nil { throw file.unsupported("rope_scaling", "put it into rope_parameters") }
            if scaling["rope_type"] == nil {
                try scaling.require("type", [.string("default")], "upstream reads rope_type alone; call it that")
            }
        }
        func settings(
            _ type: AttentionType, _ theta: (key: String, default: Double)
        ) throws(CheckpointError) -> RotarySettings {
            let own = try parameters?.section(type.rawValue)
            return try RotarySettings(file, RotarySettings.Source(parameters: scaling ?? own, theta: theta))
        }
        return [
            .full: try settings(.full, ("global_rope_theta", 160_000)),
            .sliding: try settings(.sliding, ("local_rope_theta", 10_000)),
        ]
    }
}
