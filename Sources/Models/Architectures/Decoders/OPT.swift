import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// OPT: learned positions, and in one of its sizes norms behind the blocks and projected embeddings.
///
/// Zhang et al., "OPT: Open Pre-trained Transformer Language Models" (2022).
struct OPT: DecoderFamily {
    let basePrefixes = ["model.decoder", "decoder"]

    let shape: DecoderShape
    private let activation: Activation
    private let hasNormsBefore: Bool
    private let hasFinalNorm: Bool
    private let hasBias: Bool
    private let hasGains: Bool

    /// Of all norms, whatever config.json says.
    private static let epsilon = 1e-5
    /// The row of the table of positions that is that of the first token.
    private static let firstPosition = 2

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "ffn_dim", "max_position_embeddings",
        "do_layer_norm_before", "_remove_final_layer_norm", "num_attention_heads", "activation_function",
        "enable_bias", "layer_norm_elementwise_affine", "tie_word_embeddings",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkDecoderSettings(honoured: Self.keys)
        let hiddenSize = try file.size("hidden_size", default: 768)
        let even = try file.attentionShape(heads: "num_attention_heads", of: ("hidden_size", hiddenSize))
        let embeddingSize = try file.size("word_embed_proj_dim", default: hiddenSize)
        activation = try file.activation("activation_function", default: "relu")
        hasNormsBefore = try file.flag("do_layer_norm_before", default: true)
        hasFinalNorm = hasNormsBefore ? try !file.flag("_remove_final_layer_norm", default: false) : false
        hasBias = try file.flag("enable_bias", default: true)
        hasGains = try file.flag("layer_norm_elementwise_affine", default: true)
        shape = DecoderShape(
            vocabSize: try file.size("vocab_size", default: 50272), hiddenSize: hiddenSize,
            layers: try file.size("num_hidden_layers", default: 12, atLeast: 0),
            heads: GroupedHeads(
                heads: even.heads, keyHeads: even.heads, headSize: even.headSize, scale: even.scale),
            intermediateSize: try file.size("ffn_dim", default: 3072),
            longestSequence: try file.size("max_position_embeddings", default: 2048),
            tieWordEmbeddings: try file.flag("tie_word_embeddings", default: true),
            embeddingSize: embeddingSize == hiddenSize ? nil : embeddingSize, labels: try file.labelCount(),
            padding: file.paddingToken(default: 1))
    }

    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings {
        DecoderEmbeddings(
            words: words, projection: try projection("project_in", base, isInput: true),
            position: try base.embedding(
                "embed_positions.weight", count: shape.longestSequence + Self.firstPosition, size: shape.hiddenSize),
            firstPosition: Int32(Self.firstPosition))
    }

    private func projection(
        _ name: String, _ base: LayerWeights, isInput: Bool
    ) throws(CheckpointError) -> Linear? {
        guard let size = shape.embeddingSize else { return nil }
        return try base.linear(
            name, inputs: isInput ? size : shape.hiddenSize, outputs: isInput ? shape.hiddenSize : size, bias: false,
            format: base.target.headFormat)
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        let (weights, size, inner) = (base["layers.\(index)"], shape.hiddenSize, shape.intermediateSize)
        let attention = weights["self_attn"]
        return DecoderLayer(
            hasNormsBefore ? .normsBefore : .normsBehind, attentionNorm: try norm("self_attn_layer_norm", weights),
            attention: DecoderAttention(
                projections: try attention.linear(
                    "q_proj", "k_proj", "v_proj", inputs: size, outputs: size, bias: hasBias,
                    as: .projections(values: size)),
                heads: shape.heads),
            attentionOutput: try attention.linear(
                "out_proj", inputs: size, outputs: size, bias: hasBias, as: .attentionOutput),
            feedForwardNorm: try norm("final_layer_norm", weights),
            feedForward: FeedForward(
                intermediate: try weights.linear(
                    "fc1", inputs: size, outputs: inner, bias: hasBias, as: .feedForwardInput),
                activation: activation,
                output: try weights.linear("fc2", inputs: inner, outputs: size, bias: hasBias, as: .feedForwardOutput)))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> NormLayer {
        .layer(
            hasGains
                ? try weights.layerNorm(name, size: shape.hiddenSize, epsilon: Self.epsilon)
                : LayerNorm(epsilon: Float(Self.epsilon)))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(
            norm: hasFinalNorm ? try norm("final_layer_norm", base) : nil,
            projection: try projection("project_out", base, isInput: false))
    }
}
