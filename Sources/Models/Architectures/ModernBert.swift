import PenstockCheckpoints
import PenstockCompute

/// ModernBERT: rotary positions, windows in most layers, gated feed-forwards, and norms before the blocks.
///
/// Warner et al., "Smarter, Better, Faster, Longer: A Modern Bidirectional Encoder for Fast, Memory Efficient, and Long
/// Context Finetuning and Inference" (2024).
struct ModernBert: EncoderFamily {
    let basePrefixes = ["model"]

    private let config: ModernBertConfig
    var shape: EncoderShape { config.shape }

    init(_ file: ConfigFile) throws(CheckpointError) { config = try ModernBertConfig(file) }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        SummedEmbeddings(
            word: try base["embeddings"].wordEmbeddings(
                "tok_embeddings", tiedTo: checkpoint["decoder"], count: config.vocabSize, size: shape.hiddenSize),
            norm: try norm("norm", base["embeddings"]), longestSequence: config.maxPositionEmbeddings)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        var rotary: [AttentionType: RotaryTable] = [:]
        for (type, settings) in config.rotary where config.layerTypes.contains(type) {
            rotary[type] = try base.rotaryTable(
                frequencies: settings.frequencies(size: shape.attention.headSize),
                positions: config.maxPositionEmbeddings)
        }
        return try eachLayer { (index) throws(CheckpointError) in
            let type = config.layerTypes[index]
            return try layer(base["layers.\(index)"], isFirst: index == 0, type, rotary[type])
        }
    }

    private func layer(
        _ weights: LayerWeights, isFirst: Bool, _ type: AttentionType, _ rotary: RotaryTable?
    ) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        return TransformerLayer(
            // The norm of the embeddings is that of the first layer.
            attentionNorm: isFirst ? nil : try norm("attn_norm", weights),
            attention: SelfAttention(
                projections: try weights["attn"].linear(
                    "Wqkv", inputs: size, outputs: 3 * size, bias: config.attentionBias,
                    as: .projections(values: size)),
                shape: shape.attention, rotary: rotary,
                visibility: type == .full
                    ? .everything : .window(before: config.localAttention / 2, behind: config.localAttention / 2)),
            attentionOutput: try weights["attn"].linear(
                "Wo", inputs: size, outputs: size, bias: config.attentionBias, as: .attentionOutput),
            feedForwardNorm: try norm("mlp_norm", weights),
            feedForward: FeedForward(
                intermediate: try weights["mlp"].linear(
                    "Wi", inputs: size, outputs: 2 * inner, bias: config.mlpBias, as: .feedForwardInput),
                activation: config.hiddenActivation, activated: .first,
                output: try weights["mlp"].linear(
                    "Wo", inputs: inner, outputs: size, bias: config.mlpBias, as: .feedForwardOutput)))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> LayerNorm {
        try weights.layerNorm(name, size: shape.hiddenSize, epsilon: config.normEps, bias: config.normBias)
    }

    func finalNorm(_ base: LayerWeights) throws(CheckpointError) -> LayerNorm? { try norm("final_norm", base) }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: throw checkpoint.hasNoHead("a pooler")
        case .vocabularyLogits:
            return try head(
                checkpoint,
                output: checkpoint.decoder(
                    "decoder", bias: config.decoderBias ? ["decoder.bias"] : [],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, words: "tok_embeddings",
                    config.vocabSize, shape.hiddenSize))
        case .sequenceLogits:
            var head = try head(checkpoint, output: classifier(checkpoint))
            head.readsMean = config.poolsMean
            return head
        case .tokenLogits: return try head(checkpoint, output: classifier(checkpoint))
        case .spanLogits:
            // The same tensors as those of other classifiers, whose labels tell them apart.
            guard config.labels == 2 else { throw checkpoint.hasNoHead("a question-answering head") }
            return try head(checkpoint, output: classifier(checkpoint))
        }
    }

    private func classifier(_ checkpoint: LayerWeights) throws(CheckpointError) -> Linear {
        try checkpoint.headLinear("classifier", shape.hiddenSize, outputs: config.labels)
    }

    private func head(_ checkpoint: LayerWeights, output: Linear) throws(CheckpointError) -> EncoderHead {
        EncoderHead(
            transform: try checkpoint["head"].headLinear("dense", shape.hiddenSize, bias: config.classifierBias),
            activation: config.classifierActivation, norm: try norm("norm", checkpoint["head"]), output: output)
    }
}
