import PenstockCheckpoints
import PenstockCompute

/// MPNet: RoBERTa without segments, and with a number for each head and distance of tokens, which all layers share.
///
/// Song et al., "MPNet: Masked and Permuted Pre-training for Language Understanding" (2020).
struct MPNet: EncoderFamily {
    let basePrefixes = ["mpnet"]

    private let config: BertConfig
    /// The rows of the table of distances.
    private let buckets: Int
    var shape: EncoderShape { config.shape }

    /// The id behind which positions start, whatever config.json says.
    private static let padding: Int32 = 1
    /// The buckets that distances fall into, however many rows the table has.
    private static let distances = RelativeBuckets(count: 32, maxDistance: 128, isBidirectional: true)

    init(_ file: ConfigFile) throws(CheckpointError) {
        let key = "relative_attention_num_buckets"
        config = try BertConfig(file, defaults: BertConfig.Defaults(vocabSize: 30527), furtherKeys: [key])
        buckets = try file.size(key, default: Self.distances.count)
        guard buckets >= Self.distances.count else {
            throw file.invalid(
                key, .integer(buckets), "at least \(Self.distances.count), of which there is a row for each")
        }
        guard config.maxPositionEmbeddings > Self.padding + 1 else {
            throw file.invalid(
                "max_position_embeddings", .integer(config.maxPositionEmbeddings),
                "more than \(Self.padding + 1), with which positions start")
        }
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(
            base["embeddings"], tiedTo: checkpoint["lm_head.decoder"], positions: .behindPadding(Self.padding),
            hasTypes: false)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        let heads = shape.attention.heads
        let table = try base["encoder"].table("relative_attention_bias.weight", rows: buckets, columns: heads)
        let terms = ScoreTerms.byDistance(
            DistanceTable(Array(table.prefix(Self.distances.count * heads)), heads: heads, buckets: Self.distances))
        return try eachLayer { (index) throws(CheckpointError) in
            try layer(base["encoder.layer.\(index)"], terms: terms)
        }
    }

    private func layer(_ weights: LayerWeights, terms: ScoreTerms) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let attention = weights["attention"]
        return TransformerLayer(
            attention: SelfAttention(
                projections: try attention["attn"].linear(
                    "q", "k", "v", inputs: size, outputs: size, as: .projections(values: size)),
                shape: shape.attention, terms: terms),
            attentionOutput: try attention["attn"].linear("o", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try config.norm("LayerNorm", attention),
            feedForward: FeedForward(
                intermediate: try weights["intermediate"].linear(
                    "dense", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: config.hiddenAct,
                output: try weights["output"].linear("dense", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try config.norm("LayerNorm", weights["output"]))
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        try Roberta.head(readout, config, base, checkpoint: checkpoint)
    }
}
