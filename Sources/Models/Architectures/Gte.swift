import PenstockCheckpoints
import PenstockCompute

/// GTE: BERT with rotary positions and gated feed-forwards. Its `model_type` is `new` in the files that come with code of
/// their own, and `gte` in those that were made for `transformers`.
///
/// Zhang et al., "mGTE: Generalized Long-Context Text Representation and Reranking Models for Multilingual Text Retrieval"
/// (2024).
struct Gte: EncoderFamily {
    let basePrefixes = ["new", "gte"]

    private let config: BertConfig
    private let rotary: RotarySettings
    let shape: EncoderShape

    init(_ file: ConfigFile) throws(CheckpointError) {
        let isNew = try file.string("model_type") == "new"
        config = try BertConfig(
            file,
            defaults: BertConfig.Defaults(
                vocabSize: isNew ? 30528 : 250048, maxPositionEmbeddings: isNew ? 2048 : 8192, typeVocabSize: 1,
                leastTypes: 0),
            furtherKeys: ["position_embedding_type"])
        try file.require(
            "position_embedding_type", isNew ? [.string("rope")] : [.string("rope"), .string("absolute")],
            "positions have to be rotary")
        try file.require("layer_norm_type", [.string("layer_norm")], "other norms are not supported")
        try file.require("logn_attention_scale", [.bool(false)], "scores that depend on the length are not supported")
        try file.checkRotaryHeads(config.shape.attention)
        let angles = try file.angles()
        rotary = try RotarySettings(
            file,
            RotarySettings.Source(
                parameters: angles, theta: ("rope_theta", isNew ? 10_000 : 160_000),
                knowsFixedNTK: isNew))
        var shape = config.shape
        shape.isGated = true
        self.shape = shape
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try base["embeddings"].unplacedEmbeddings(
            tiedTo: checkpoint["lm_head.decoder"], vocabSize: config.vocabSize, typeVocabSize: config.typeVocabSize,
            size: shape.hiddenSize, norm: config.norm("LayerNorm", base["embeddings"]),
            longestSequence: config.maxPositionEmbeddings)
    }

    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer] {
        let rotary = try base.rotaryTable(
            frequencies: rotary.frequencies(size: shape.attention.headSize), positions: config.maxPositionEmbeddings)
        return try eachLayer { (index) throws(CheckpointError) in try layer(base["encoder.layer.\(index)"], rotary) }
    }

    private func layer(_ weights: LayerWeights, _ rotary: RotaryTable) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let (attention, mlp) = (weights["attention"], weights["mlp"])
        let projections =
            attention.has("q_proj.weight")
            ? try attention.linear(
                "q_proj", "k_proj", "v_proj", inputs: size, outputs: size, as: .projections(values: size))
            : try attention.linear("qkv_proj", inputs: size, outputs: 3 * size, as: .projections(values: size))
        return TransformerLayer(
            attention: SelfAttention(projections: projections, shape: shape.attention, rotary: rotary),
            attentionOutput: try attention.linear("o_proj", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try config.norm("attn_ln", weights),
            feedForward: FeedForward(
                intermediate: try mlp.linear(
                    "up_gate_proj", inputs: size, outputs: 2 * inner, bias: false, as: .feedForwardInput),
                activation: config.hiddenAct, activated: .second,
                output: try mlp.linear("down_proj", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try config.norm("mlp_ln", weights))
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
            let head = checkpoint["lm_head"]
            return EncoderHead(
                transform: try head.headLinear("dense", size), activation: .gelu,
                norm: try config.norm(head.has("layer_norm.weight") ? "layer_norm" : "norm", head),
                output: try head.decoder(
                    "decoder", bias: ["decoder.bias"], tiedTo: config.tieWordEmbeddings ? base["embeddings"] : nil,
                    config.vocabSize, size))
        case .sequenceLogits:
            return try config.pooledClassifier(head(.pooled, base, checkpoint: checkpoint), checkpoint)
        case .tokenLogits: return try config.tokenClassifier(checkpoint)
        case .spanLogits: return try checkpoint.spanHead(size, labels: config.labels)
        }
    }
}
