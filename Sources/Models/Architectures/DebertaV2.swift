import PenstockCheckpoints
import PenstockCompute

/// DeBERTa v2 and v3: BERT whose scores have products of queries and keys with their distance.
///
/// He et al., "DeBERTa: Decoding-enhanced BERT with Disentangled Attention" (2021); He et al., "DeBERTaV3: Improving DeBERTa
/// using ELECTRA-Style Pre-Training with Gradient-Disentangled Embedding Sharing" (2023).
struct DebertaV2: EncoderFamily {
    let basePrefixes = ["deberta"]

    private let config: DebertaV2Config
    var shape: EncoderShape { config.shape }

    init(_ file: ConfigFile) throws(CheckpointError) { config = try DebertaV2Config(file) }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        let (weights, size, bert) = (base["embeddings"], shape.hiddenSize, config.bert)
        return SummedEmbeddings(
            word: try weights.wordEmbeddings(
                tiedTo: checkpoint["cls.predictions.decoder"], count: bert.vocabSize, size: size),
            tokenType: bert.typeVocabSize == 0
                ? nil : try weights.embedding("token_type_embeddings.weight", count: bert.typeVocabSize, size: size),
            position: config.positionBiasedInput
                ? try weights.embedding("position_embeddings.weight", count: bert.maxPositionEmbeddings, size: size)
                : nil,
            norm: try bert.norm("LayerNorm", weights), longestSequence: bert.maxPositionEmbeddings)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        let positions = try positions(base["encoder"])
        return try eachLayer { (index) throws(CheckpointError) in
            try layer(base["encoder.layer.\(index)"], positions)
        }
    }

    /// The embeddings of distances, which all layers share; nil if scores have no products with them.
    private func positions(_ weights: LayerWeights) throws(CheckpointError) -> RelativePositions? {
        guard let distances = config.distances, distances.hasKeys || distances.hasQueries else { return nil }
        return RelativePositions(
            embeddings: try weights.table(
                "rel_embeddings.weight", rows: 2 * distances.span, columns: shape.hiddenSize),
            norm: distances.hasNorm ? try config.bert.norm("LayerNorm", weights) : nil, span: distances.span,
            buckets: distances.buckets, longest: config.bert.maxPositionEmbeddings)
    }

    private func layer(
        _ weights: LayerWeights, _ positions: RelativePositions?
    ) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let (attention, own) = (weights["attention"], weights["attention.self"])
        var terms = ScoreTerms.none
        if let positions, let distances = config.distances {
            let prefix = distances.sharesKeys ? "" : "pos_"
            terms = .disentangled(
                try own.disentangledTable(
                    positions, keys: distances.hasKeys ? "\(prefix)key_proj" : nil,
                    queries: distances.hasQueries ? "\(prefix)query_proj" : nil, shape: shape.attention))
        }
        return TransformerLayer(
            attention: SelfAttention(
                projections: try own.linear(
                    "query_proj", "key_proj", "value_proj", inputs: size, outputs: size, as: .projections(values: size)),
                shape: shape.attention, terms: terms),
            attentionOutput: try attention["output"].linear("dense", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try config.bert.norm("LayerNorm", attention["output"]),
            feedForward: FeedForward(
                intermediate: try weights["intermediate"].linear(
                    "dense", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: config.bert.hiddenAct,
                output: try weights["output"].linear("dense", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try config.bert.norm("LayerNorm", weights["output"]))
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        let (size, bert) = (shape.hiddenSize, config.bert)
        switch readout {
        case .hiddenStates: return EncoderHead()
        case .nextTokenLogits: throw checkpoint.hasNoGenerator
        case .pooled: throw checkpoint.hasNoHead("a pooler of the base model")
        case .vocabularyLogits:
            let head = checkpoint[config.isLegacy ? "cls.predictions" : "lm_predictions.lm_head"]
            let transform = config.isLegacy ? head["transform"] : head
            return EncoderHead(
                transform: try transform.headLinear("dense", size), activation: bert.hiddenAct,
                norm: try bert.norm("LayerNorm", transform),
                output: config.isLegacy
                    ? try head.decoder(
                        "decoder", bias: bert.tieWordEmbeddings ? ["decoder.bias", "bias"] : ["decoder.bias"],
                        tiedTo: bert.tieWordEmbeddings ? base["embeddings"] : nil, bert.vocabSize, size)
                    // Always the words' own weights.
                    : try head.decoder("decoder", bias: ["bias"], tiedTo: base["embeddings"], bert.vocabSize, size))
        case .sequenceLogits:
            let pooler = EncoderHead(
                transform: try checkpoint["pooler"].headLinear("dense", size), activation: config.poolerHiddenAct)
            return try bert.pooledClassifier(pooler, checkpoint)
        case .tokenLogits: return try bert.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(size, labels: bert.labels)
        }
    }
}
