import PenstockCheckpoints
import PenstockCompute

/// RoBERTa, XLM-RoBERTa and CamemBERT: BERT with positions that start behind the padding token's id, and with heads of
/// its own.
///
/// Liu et al., "RoBERTa: A Robustly Optimized BERT Pretraining Approach" (2019); Conneau et al., "Unsupervised
/// Cross-lingual Representation Learning at Scale" (2020); Martin et al., "CamemBERT: a Tasty French Language Model" (2020).
struct Roberta: EncoderFamily {
    let basePrefixes = ["roberta"]

    private let config: BertConfig
    private let padding: Int
    var shape: EncoderShape { config.shape }

    init(_ file: ConfigFile) throws(CheckpointError) {
        let isRoberta = try file.string("model_type") == "roberta"
        config = try BertConfig(
            file, defaults: BertConfig.Defaults(vocabSize: isRoberta ? 50265 : 30522), furtherKeys: ["pad_token_id"])
        padding = try file.size("pad_token_id", default: 1, atLeast: 0)
        guard padding + 1 < config.maxPositionEmbeddings else {
            throw file.invalid(
                "pad_token_id", .integer(padding),
                "less than max_position_embeddings - 1, \(config.maxPositionEmbeddings - 1): positions start behind it")
        }
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(
            base["embeddings"], tiedTo: checkpoint["lm_head.decoder"], positions: .behindPadding(Int32(padding)))
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        try eachLayer { (index) throws(CheckpointError) in try config.layer(base["encoder.layer.\(index)"]) }
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        try Self.head(readout, config, base, checkpoint: checkpoint)
    }

    /// The heads of RoBERTa, which other families took over.
    static func head(
        _ readout: Readout, _ config: BertConfig, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let size = config.shape.hiddenSize
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: return EncoderHead(transform: try base["pooler"].headLinear("dense", size), activation: .tanh)
        case .vocabularyLogits:
            let head = checkpoint["lm_head"]
            return EncoderHead(
                transform: try head.headLinear("dense", size), activation: .gelu,
                norm: try config.norm("layer_norm", head),
                output: try head.decoder(
                    "decoder", bias: config.tieWordEmbeddings ? ["decoder.bias", "bias"] : ["decoder.bias"],
                    tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil, config.vocabSize, size))
        case .sequenceLogits: return try config.sequenceClassifier(checkpoint, activation: .tanh)
        case .tokenLogits: return try config.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}
