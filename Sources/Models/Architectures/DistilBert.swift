import PenstockCheckpoints
import PenstockCompute

/// DistilBERT: BERT without segments and without a pooler.
///
/// Sanh et al., "DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter" (2019).
struct DistilBert: EncoderFamily {
    let basePrefixes = ["distilbert"]

    private let config: DistilBertConfig
    var shape: EncoderShape { config.shape }

    /// Of all norms, whatever config.json says.
    private static let layerNormEps = 1e-12

    init(_ file: ConfigFile) throws(CheckpointError) { config = try DistilBertConfig(file) }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        let (weights, size) = (base["embeddings"], shape.hiddenSize)
        return SummedEmbeddings(
            word: try weights.wordEmbeddings(
                tiedTo: checkpoint["vocab_projector"], count: config.vocabSize, size: size),
            position: try weights.embedding(
                "position_embeddings.weight", count: config.maxPositionEmbeddings, size: size),
            norm: try weights.layerNorm("LayerNorm", size: size, epsilon: Self.layerNormEps),
            longestSequence: config.maxPositionEmbeddings)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        try eachLayer { (index) throws(CheckpointError) in try layer(base["transformer.layer.\(index)"]) }
    }

    private func layer(_ weights: LayerWeights) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        return TransformerLayer(
            attention: SelfAttention(
                projections: try weights["attention"].linear(
                    "q_lin", "k_lin", "v_lin", inputs: size, outputs: size, as: .projections(values: size)),
                shape: shape.attention),
            attentionOutput: try weights["attention"].linear(
                "out_lin", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try weights.layerNorm("sa_layer_norm", size: size, epsilon: Self.layerNormEps),
            feedForward: FeedForward(
                intermediate: try weights["ffn"].linear("lin1", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: config.activation,
                output: try weights["ffn"].linear("lin2", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try weights.layerNorm("output_layer_norm", size: size, epsilon: Self.layerNormEps))
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let size = shape.hiddenSize
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: throw checkpoint.hasNoHead("a pooler")
        case .vocabularyLogits:
            return EncoderHead(
                transform: try checkpoint.headLinear("vocab_transform", size), activation: config.activation,
                norm: try checkpoint.layerNorm("vocab_layer_norm", size: size, epsilon: Self.layerNormEps),
                output: try checkpoint.decoder(
                    "vocab_projector", bias: ["vocab_projector.bias"],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, config.vocabSize, size))
        case .sequenceLogits:
            return EncoderHead(
                transform: try checkpoint.headLinear("pre_classifier", size), activation: .relu,
                output: try checkpoint.headLinear("classifier", size, outputs: config.labels))
        case .tokenLogits:
            return EncoderHead(output: try checkpoint.headLinear("classifier", size, outputs: config.labels))
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}

/// config.json, with the defaults of `DistilBertConfig`.
private struct DistilBertConfig {
    let vocabSize: Int
    let maxPositionEmbeddings: Int
    let activation: Activation
    let shape: EncoderShape
    let tieWordEmbeddings: Bool
    let labels: Int

    private static let keys = [
        "vocab_size", "max_position_embeddings", "activation", "tie_word_embeddings", "dim", "n_layers", "n_heads",
        "hidden_dim",
    ]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkSettings(honoured: Self.keys)
        vocabSize = try file.size("vocab_size", default: 30522)
        maxPositionEmbeddings = try file.size("max_position_embeddings", default: 512)
        activation = try file.activation("activation", default: "gelu")
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        let hiddenSize = try file.size("dim", or: "hidden_size", default: 768)
        shape = EncoderShape(
            hiddenSize: hiddenSize, layers: try file.size("n_layers", or: "num_hidden_layers", default: 6, atLeast: 0),
            attention: try file.attentionShape(
                heads: "n_heads", or: "num_attention_heads", of: ("dim", hiddenSize)),
            intermediateSize: try file.size("hidden_dim", default: 3072))
        labels = try file.labelCount()
    }
}
