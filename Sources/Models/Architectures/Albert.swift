import PenstockCheckpoints
import PenstockCompute

/// ALBERT: BERT whose layers share their weights, with embeddings that are smaller than hidden states.
///
/// Lan et al., "ALBERT: A Lite BERT for Self-supervised Learning of Language Representations" (2020).
struct Albert: EncoderFamily {
    let basePrefixes = ["albert"]

    private let config: BertConfig
    /// Layers that follow one another share the weights of a group.
    private let groups: Int
    /// The layers of a group, which are run one after the other.
    private let layersOfGroup: Int
    var shape: EncoderShape { config.shape }

    /// A layer costs no memory in the file, so that nothing else bounds their number.
    private static let mostLayers = 4096

    init(_ file: ConfigFile) throws(CheckpointError) {
        config = try BertConfig(
            file,
            defaults: BertConfig.Defaults(
                vocabSize: 30000, hiddenSize: 4096, attentionHeads: 64, intermediateSize: 16384,
                hiddenAct: "gelu_new", embeddingSize: 128),
            furtherKeys: ["num_hidden_groups", "inner_group_num"])
        groups = try file.size("num_hidden_groups", default: 1)
        layersOfGroup = try file.size("inner_group_num", default: 1)
        guard config.shape.layers * layersOfGroup <= Self.mostLayers else {
            throw file.invalid(
                "num_hidden_layers", .integer(config.shape.layers),
                "at most \(Self.mostLayers), times inner_group_num, \(layersOfGroup)")
        }
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(
            base["embeddings"], tiedTo: checkpoint["predictions.decoder"],
            projection: config.embeddingProjection("encoder.embedding_hidden_mapping_in", base))
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        var stored: [[any EncoderLayer]] = []
        var layers: [any EncoderLayer] = []
        for place in 0..<shape.layers {
            // As upstream divides, in floating point.
            let group = Int(Double(place) / (Double(shape.layers) / Double(groups)))
            while stored.count <= group {
                stored.append(try self.group(base["encoder.albert_layer_groups.\(stored.count)"]))
            }
            layers += stored[group]
        }
        return layers
    }

    private func group(_ weights: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        var layers: [any EncoderLayer] = []
        for index in 0..<layersOfGroup { layers.append(try layer(weights["albert_layers.\(index)"])) }
        return layers
    }

    private func layer(_ weights: LayerWeights) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let attention = weights["attention"]
        return TransformerLayer(
            attention: SelfAttention(
                projections: try attention.linear(
                    "query", "key", "value", inputs: size, outputs: size, as: .projections(values: size)),
                shape: shape.attention),
            attentionOutput: try attention.linear("dense", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try config.norm("LayerNorm", attention),
            feedForward: FeedForward(
                intermediate: try weights.linear("ffn", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: config.hiddenAct,
                output: try weights.linear("ffn_output", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try config.norm("full_layer_layer_norm", weights))
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let (size, embeddingSize) = (shape.hiddenSize, config.embeddingSize)
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: return EncoderHead(transform: try base.headLinear("pooler", size), activation: .tanh)
        case .vocabularyLogits:
            let head = checkpoint["predictions"]
            return EncoderHead(
                transform: try head.headLinear("dense", size, outputs: embeddingSize), activation: config.hiddenAct,
                norm: try head.layerNorm("LayerNorm", size: embeddingSize, epsilon: config.layerNormEps),
                output: try head.decoder(
                    "decoder", bias: config.tieWordEmbeddings ? ["decoder.bias", "bias"] : ["decoder.bias"],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, config.vocabSize, embeddingSize))
        case .sequenceLogits:
            return try config.pooledClassifier(head(.pooled, base, checkpoint: checkpoint), checkpoint)
        case .tokenLogits: return try config.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}
