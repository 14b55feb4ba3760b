import PenstockCheckpoints
import PenstockCompute

/// NomicBERT: BERT with rotary positions and gated feed-forwards, and without biases in its layers.
///
/// Nussbaum et al., "Nomic Embed: Training a Reproducible Long Context Text Embedder" (2024).
struct NomicBert: EncoderFamily {
    let basePrefixes = ["nomic_bert", "bert"]

    private let config: NomicBertConfig
    var shape: EncoderShape { config.shape }

    init(_ file: ConfigFile) throws(CheckpointError) { config = try NomicBertConfig(file) }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try base["embeddings"].unplacedEmbeddings(
            tiedTo: checkpoint["cls.predictions.decoder"], vocabSize: config.vocabSize,
            typeVocabSize: config.typeVocabSize, size: shape.hiddenSize, norm: norm("emb_ln", base),
            longestSequence: config.longestSequence)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        let rotary = try base.rotaryTable(
            frequencies: config.rotary.frequencies(size: shape.attention.headSize), positions: config.longestSequence)
        return try eachLayer { (index) throws(CheckpointError) in
            try layer(base["encoder.layers.\(index)"], rotary)
        }
    }

    private func layer(_ weights: LayerWeights, _ rotary: RotaryTable) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        return TransformerLayer(
            attention: SelfAttention(
                projections: try weights["attn"].linear(
                    "Wqkv", inputs: size, outputs: 3 * size, bias: false, as: .projections(values: size)),
                shape: shape.attention, rotary: rotary),
            attentionOutput: try weights["attn"].linear(
                "out_proj", inputs: size, outputs: size, bias: false, as: .attentionOutput),
            attentionNorm: try norm("norm1", weights),
            feedForward: FeedForward(
                intermediate: try weights["mlp"].linear(
                    "fc11", "fc12", inputs: size, outputs: inner, bias: false, as: .feedForwardInput),
                activation: config.hiddenAct, activated: .second,
                output: try weights["mlp"].linear(
                    "fc2", inputs: inner, outputs: size, bias: false, as: .feedForwardOutput)),
            outputNorm: try norm("norm2", weights))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> LayerNorm {
        try weights.layerNorm(name, size: shape.hiddenSize, epsilon: config.layerNormEps)
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let size = shape.hiddenSize
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: return EncoderHead(transform: try base["pooler"].headLinear("dense", size), activation: .tanh)
        case .vocabularyLogits:
            let (head, transform) = (checkpoint["cls.predictions"], checkpoint["cls.predictions.transform"])
            // Files of Nomic's own code have no biases here, which is zero for upstream.
            let bias = ["decoder.bias", "bias"].filter(head.has)
            return EncoderHead(
                transform: try transform.headLinear("dense", size, bias: transform.has("dense.bias")),
                activation: config.hiddenAct, norm: try norm("layer_norm", transform),
                output: try head.decoder(
                    "decoder", bias: bias, tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil,
                    config.vocabSize, size))
        case .sequenceLogits:
            var head = try head(.pooled, base, checkpoint: checkpoint)
            head.output = try checkpoint.headLinear("classifier", size, outputs: config.labels)
            return head
        case .tokenLogits:
            return EncoderHead(output: try checkpoint.headLinear("classifier", size, outputs: config.labels))
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}
