import PenstockCheckpoints
import PenstockCompute

/// BERT: learned positions and segments, and an encoder with the norm behind each block.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019).
struct Bert: EncoderFamily {
    let basePrefixes = ["bert"]

    private let config: BertConfig
    let shape: EncoderShape

    init(_ file: ConfigFile) throws(CheckpointError) {
        config = try BertConfig(file)
        shape = config.shape
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(base["embeddings"], tiedTo: checkpoint["cls.predictions.decoder"])
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        try eachLayer { (index) throws(CheckpointError) in try config.layer(base["encoder.layer.\(index)"]) }
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled:
            return EncoderHead(transform: try base["pooler"].headLinear("dense", shape.hiddenSize), activation: .tanh)
        case .vocabularyLogits:
            let head = checkpoint["cls.predictions"]
            return EncoderHead(
                transform: try head["transform"].headLinear("dense", shape.hiddenSize), activation: config.hiddenAct,
                norm: try head["transform"].layerNorm(
                    "LayerNorm", size: shape.hiddenSize, epsilon: config.layerNormEps),
                output: try head.decoder(
                    "decoder", bias: ["decoder.bias", "bias"],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, config.vocabSize, shape.hiddenSize))
        case .sequenceLogits:
            return try config.pooledClassifier(head(.pooled, base, checkpoint: checkpoint), checkpoint)
        case .tokenLogits: return try config.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(shape.hiddenSize, labels: config.labels)
        }
    }
}
