import PenstockCheckpoints
import PenstockCompute

/// BERT: learned positions and segments, and an encoder with the norm behind each block.
///
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding" (2019).
struct Bert: EncoderFamily {
    let basePrefix = "bert"

    private let config: BertConfig
    let shape: EncoderShape

    init(_ file: ConfigFile) throws(CheckpointError) {
        config = try BertConfig(file)
        shape = config.shape
    }

    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings {
        try config.embeddings(base["embeddings"], tiedTo: checkpoint["cls.predictions.decoder"], positions: .fromZero)
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> any EncoderLayer {
        try config.layer(base["encoder.layer.\(index)"])
    }

    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        switch readout {
        case .hiddenStates: return EncoderHead()
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
            var head = try self.head(.pooled, base, checkpoint: checkpoint)
            head.output = try checkpoint.headLinear("classifier", shape.hiddenSize, outputs: config.labels)
            return head
        case .tokenLogits:
            return EncoderHead(
                output: try checkpoint.headLinear("classifier", shape.hiddenSize, outputs: config.labels))
        case .spanLogits: return try checkpoint.spanHead(shape.hiddenSize, labels: config.labels)
        }
    }
}

/// config.json, with the defaults of `BertConfig`. Other families are configured alike.
struct BertConfig: Sendable {
    let vocabSize: Int
    let shape: EncoderShape
    let hiddenAct: Activation
    let maxPositionEmbeddings: Int
    let typeVocabSize: Int
    let layerNormEps: Double
    let tieWordEmbeddings: Bool
    let labels: Int

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "hidden_act", "max_position_embeddings",
        "type_vocab_size", "layer_norm_eps", "tie_word_embeddings", "num_attention_heads",
    ]

    /// - Parameter furtherKeys: what a family reads beside
    init(
        _ file: ConfigFile, defaultVocabSize: Int = 30522, furtherKeys: [String] = []
    ) throws(CheckpointError) {
        try file.checkSettings(honoured: Self.keys + furtherKeys)
        vocabSize = try file.size("vocab_size", default: defaultVocabSize)
        let hiddenSize = try file.size("hidden_size", default: 768)
        let layers = try file.size("num_hidden_layers", default: 12, atLeast: 0)
        let intermediateSize = try file.size("intermediate_size", default: 3072)
        hiddenAct = try file.activation("hidden_act", default: "gelu")
        maxPositionEmbeddings = try file.size("max_position_embeddings", default: 512)
        typeVocabSize = try file.size("type_vocab_size", default: 2)
        layerNormEps = try file.magnitude("layer_norm_eps", default: 1e-12)
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        shape = EncoderShape(
            hiddenSize: hiddenSize, layers: layers,
            attention: try file.attentionShape(heads: "num_attention_heads", of: ("hidden_size", hiddenSize)),
            intermediateSize: intermediateSize)
        labels = try file.labelCount()
    }

    /// The embeddings, or the decoder of a checkpoint that has only that.
    func embeddings(
        _ weights: LayerWeights, tiedTo decoder: LayerWeights, positions: PositionRule
    ) throws(CheckpointError) -> SummedEmbeddings {
        let size = shape.hiddenSize
        return SummedEmbeddings(
            word: try weights.wordEmbeddings(tiedTo: decoder, count: vocabSize, size: size),
            tokenType: try weights.embedding("token_type_embeddings.weight", count: typeVocabSize, size: size),
            position: try weights.embedding("position_embeddings.weight", count: maxPositionEmbeddings, size: size),
            positions: positions, norm: try weights.layerNorm("LayerNorm", size: size, epsilon: layerNormEps))
    }

    func layer(_ weights: LayerWeights) throws(CheckpointError) -> PostNormLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let attention = weights["attention"]
        return PostNormLayer(
            projections: try attention["self"].linear("query", "key", "value", inputs: size, outputs: size),
            attentionOutput: try attention["output"].linear("dense", inputs: size, outputs: size),
            attentionNorm: try attention["output"].layerNorm("LayerNorm", size: size, epsilon: layerNormEps),
            intermediate: try weights["intermediate"].linear("dense", inputs: size, outputs: inner),
            activation: hiddenAct,
            output: try weights["output"].linear("dense", inputs: inner, outputs: size),
            outputNorm: try weights["output"].layerNorm("LayerNorm", size: size, epsilon: layerNormEps),
            shape: shape.attention)
    }
}
