import PenstockCheckpoints
import PenstockCompute

/// ELECTRA: BERT with embeddings of a size of their own, and with heads of its own. There is no pooler.
///
/// Clark et al., "ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators" (2020).
struct Electra: EncoderFamily {
    let basePrefixes = ["electra"]

    private let config: BertConfig
    var shape: EncoderShape { config.shape }

    init(_ file: ConfigFile) throws(CheckpointError) {
        config = try BertConfig(
            file,
            defaults: BertConfig.Defaults(
                hiddenSize: 256, attentionHeads: 4, intermediateSize: 1024, embeddingSize: 128))
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(
            base["embeddings"], tiedTo: checkpoint["generator_lm_head"],
            projection: config.embeddingSize == shape.hiddenSize
                ? nil : config.embeddingProjection("embeddings_project", base))
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        try eachLayer { (index) throws(CheckpointError) in try config.layer(base["encoder.layer.\(index)"]) }
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let (size, embeddingSize) = (shape.hiddenSize, config.embeddingSize)
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: throw checkpoint.hasNoHead("a pooler")
        case .vocabularyLogits:
            let head = checkpoint["generator_predictions"]
            return EncoderHead(
                transform: try head.headLinear("dense", size, outputs: embeddingSize), activation: .gelu,
                norm: try head.layerNorm("LayerNorm", size: embeddingSize, epsilon: config.layerNormEps),
                output: try checkpoint.decoder(
                    "generator_lm_head", bias: ["generator_lm_head.bias"],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, config.vocabSize, embeddingSize))
        case .sequenceLogits: return try config.sequenceClassifier(checkpoint, activation: .gelu)
        case .tokenLogits: return try config.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}
