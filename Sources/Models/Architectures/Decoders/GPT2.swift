import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// GPT-2: learned positions, and layer norms before the blocks.
///
/// Radford et al., "Language Models are Unsupervised Multitask Learners" (2019).
struct GPT2: DecoderFamily {
    let basePrefixes = ["transformer"]
    let wordName = "wte"

    let shape: DecoderShape
    private let activation: Activation
    private let epsilon: Double
    private let scalesByLayer: Bool

    private static let keys = [
        "vocab_size", "layer_norm_epsilon", "activation_function", "scale_attn_weights",
        "scale_attn_by_inverse_layer_idx", "tie_word_embeddings",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkDecoderSettings(honoured: Self.keys)
        let hiddenSize = try file.size("n_embd", or: "hidden_size", default: 768)
        let even = try file.attentionShape(
            heads: "n_head", or: "num_attention_heads", of: ("n_embd", hiddenSize))
        let isScaled = try file.flag("scale_attn_weights", default: true)
        activation = try file.activation("activation_function", default: "gelu_new")
        epsilon = try file.magnitude("layer_norm_epsilon", default: 1e-5)
        scalesByLayer = try file.flag("scale_attn_by_inverse_layer_idx", default: false)
        shape = DecoderShape(
            vocabSize: try file.size("vocab_size", default: 50257), hiddenSize: hiddenSize,
            layers: try file.size("n_layer", or: "num_hidden_layers", default: 12, atLeast: 0),
            heads: GroupedHeads(
                heads: even.heads, keyHeads: even.heads, headSize: even.headSize, scale: isScaled ? even.scale : 1),
            intermediateSize: try file.size("n_inner", default: 4 * hiddenSize),
            longestSequence: try file.size("n_positions", or: "max_position_embeddings", default: 1024),
            tieWordEmbeddings: try file.flag("tie_word_embeddings", default: true), labels: try file.labelCount(),
            padding: file.paddingToken(default: nil))
    }

    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings {
        DecoderEmbeddings(
            words: words,
            position: try base.embedding("wpe.weight", count: shape.longestSequence, size: shape.hiddenSize))
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        let (weights, size, inner) = (base["h.\(index)"], shape.hiddenSize, shape.intermediateSize)
        let heads = GroupedHeads(
            heads: shape.heads.heads, keyHeads: shape.heads.heads, headSize: shape.heads.headSize,
            scale: scalesByLayer ? shape.heads.scale / Float(index + 1) : shape.heads.scale)
        return DecoderLayer(
            attentionNorm: try norm("ln_1", weights),
            attention: DecoderAttention(
                projections: try weights["attn"].transposedLinear(
                    "c_attn", inputs: size, outputs: 3 * size, as: .projections(values: size)),
                heads: heads),
            attentionOutput: try weights["attn"].transposedLinear(
                "c_proj", inputs: size, outputs: size, as: .attentionOutput),
            feedForwardNorm: try norm("ln_2", weights),
            feedForward: FeedForward(
                intermediate: try weights["mlp"].transposedLinear(
                    "c_fc", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: activation,
                output: try weights["mlp"].transposedLinear(
                    "c_proj", inputs: inner, outputs: size, as: .feedForwardOutput)))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> NormLayer {
        .layer(try weights.layerNorm(name, size: shape.hiddenSize, epsilon: epsilon))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try norm("ln_f", base))
    }
}
