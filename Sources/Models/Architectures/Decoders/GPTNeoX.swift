import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// GPT-NeoX and Pythia: attention and feed-forward side by side, and rotary positions for a share of a head's numbers.
///
/// Black et al., "GPT-NeoX-20B: An Open-Source Autoregressive Language Model" (2022).
struct GPTNeoX: DecoderFamily {
    let basePrefixes = ["gpt_neox"]
    let wordName = "embed_in"
    let headNames = ["embed_out", "lm_head"]

    let shape: DecoderShape
    let rotaries: [RotaryScaling]
    private let activation: Activation
    private let epsilon: Double
    private let isParallel: Bool
    private let hasBias: Bool

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "max_position_embeddings", "layer_norm_eps", "use_parallel_residual", "attention_bias", "tie_word_embeddings",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkDecoderSettings(honoured: Self.keys)
        let hiddenSize = try file.size("hidden_size", default: 6144)
        let even = try file.attentionShape(
            heads: "num_attention_heads", default: 64, of: ("hidden_size", hiddenSize))
        activation = try file.activation("hidden_act", default: "gelu")
        epsilon = try file.magnitude("layer_norm_eps", default: 1e-5)
        isParallel = try file.flag("use_parallel_residual", default: true)
        hasBias = try file.flag("attention_bias", default: true)
        shape = DecoderShape(
            vocabSize: try file.size("vocab_size", default: 50432), hiddenSize: hiddenSize,
            layers: try file.size("num_hidden_layers", default: 44, atLeast: 0),
            heads: GroupedHeads(
                heads: even.heads, keyHeads: even.heads, headSize: even.headSize, scale: even.scale),
            intermediateSize: try file.size("intermediate_size", default: 24576),
            longestSequence: try file.size("max_position_embeddings", default: 2048),
            tieWordEmbeddings: try file.flag("tie_word_embeddings", default: false), labels: try file.labelCount(),
            padding: file.paddingToken(default: nil))
        let angles = try file.angles()
        let rotary = try RotaryScaling(
            file,
            RotaryScaling.Source(
                parameters: angles, theta: ("rotary_emb_base", 10_000), fraction: ("rotary_pct", 0.25),
                headSize: even.headSize, positions: shape.longestSequence))
        rotaries = [rotary]
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        let (weights, size, inner) = (base["layers.\(index)"], shape.hiddenSize, shape.intermediateSize)
        let (attention, heads) = (weights["attention"], shape.heads)
        return DecoderLayer(
            isParallel ? .parallel : .normsBefore, attentionNorm: try norm("input_layernorm", weights),
            attention: DecoderAttention(
                projections: try attention.linearByHead(
                    "query_key_value", inputs: size, heads: heads.heads, headSize: heads.headSize, bias: hasBias),
                heads: heads, rotary: 0),
            attentionOutput: try attention.linear(
                "dense", inputs: size, outputs: size, bias: hasBias, as: .attentionOutput),
            feedForwardNorm: try norm("post_attention_layernorm", weights),
            feedForward: FeedForward(
                intermediate: try weights["mlp"].linear(
                    "dense_h_to_4h", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: activation,
                output: try weights["mlp"].linear(
                    "dense_4h_to_h", inputs: inner, outputs: size, as: .feedForwardOutput)))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> NormLayer {
        .layer(try weights.layerNorm(name, size: shape.hiddenSize, epsilon: epsilon))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try norm("final_layer_norm", base))
    }
}
