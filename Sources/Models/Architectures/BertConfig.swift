import PenstockCheckpoints
import PenstockCompute

/// config.json of BERT and of the families that are configured alike.
struct BertConfig: Sendable {
    let vocabSize: Int
    let shape: EncoderShape
    let hiddenAct: Activation
    let maxPositionEmbeddings: Int
    let typeVocabSize: Int
    let layerNormEps: Double
    let tieWordEmbeddings: Bool
    let labels: Int

    /// The values of keys that are not there: the defaults of `BertConfig` of `transformers`.
    struct Defaults {
        var vocabSize = 30522
        var hiddenSize = 768
        var layers = 12
        var attentionHeads = 12
        var intermediateSize = 3072
        var hiddenAct = "gelu"
        var maxPositionEmbeddings = 512
        var typeVocabSize = 2
        /// The fewest segments: none in a family that can do without their table.
        var leastTypes = 1
        var layerNormEps = 1e-12
        /// Nil for a family whose embeddings are as long as its hidden states.
        var embeddingSize: Int?
    }

    private static let keys = [
        "vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "hidden_act", "max_position_embeddings",
        "type_vocab_size", "layer_norm_eps", "tie_word_embeddings", "num_attention_heads",
    ]

    /// - Parameters:
    ///   - file: config.json
    ///   - defaults: what the family has for keys that are not there
    ///   - furtherKeys: what it reads beside
    init(
        _ file: ConfigFile, defaults: Defaults = Defaults(), furtherKeys: [String] = []
    ) throws(CheckpointError) {
        let embeddingKeys = defaults.embeddingSize == nil ? [] : ["embedding_size"]
        try file.checkSettings(honoured: Self.keys + embeddingKeys + furtherKeys)
        vocabSize = try file.size("vocab_size", default: defaults.vocabSize)
        let hiddenSize = try file.size("hidden_size", default: defaults.hiddenSize)
        hiddenAct = try file.activation("hidden_act", default: defaults.hiddenAct)
        maxPositionEmbeddings = try file.size("max_position_embeddings", default: defaults.maxPositionEmbeddings)
        typeVocabSize = try file.size(
            "type_vocab_size", default: defaults.typeVocabSize, atLeast: defaults.leastTypes)
        layerNormEps = try file.magnitude("layer_norm_eps", default: defaults.layerNormEps)
        tieWordEmbeddings = try file.flag("tie_word_embeddings", default: true)
        shape = EncoderShape(
            hiddenSize: hiddenSize, layers: try file.size("num_hidden_layers", default: defaults.layers, atLeast: 0),
            attention: try file.attentionShape(
                heads: "num_attention_heads", default: defaults.attentionHeads, of: ("hidden_size", hiddenSize)),
            intermediateSize: try file.size("intermediate_size", default: defaults.intermediateSize),
            embeddingSize: defaults.embeddingSize == nil
                ? nil : try file.size("embedding_size", default: defaults.embeddingSize))
        labels = try file.labelCount()
    }

    /// The numbers of an embedding.
    var embeddingSize: Int { shape.embeddingSize ?? shape.hiddenSize }

    /// The embeddings, or the decoder of a checkpoint that has only that.
    ///
    /// - Parameters:
    ///   - weights: `embeddings`
    ///   - decoder: what is tied to the words
    ///   - positions: how tokens are numbered
    ///   - hasTypes: whether the family has segments
    ///   - projection: what makes hidden states of embeddings, if they are none
    func embeddings(
        _ weights: LayerWeights, tiedTo decoder: LayerWeights, positions: PositionRule = .fromZero,
        hasTypes: Bool = true, projection: Linear? = nil
    ) throws(CheckpointError) -> SummedEmbeddings {
        SummedEmbeddings(
            word: try weights.wordEmbeddings(tiedTo: decoder, count: vocabSize, size: embeddingSize),
            tokenType: hasTypes
                ? try weights.embedding("token_type_embeddings.weight", count: typeVocabSize, size: embeddingSize)
                : nil,
            position: try weights.embedding(
                "position_embeddings.weight", count: maxPositionEmbeddings, size: embeddingSize),
            positions: positions,
            norm: try weights.layerNorm("LayerNorm", size: embeddingSize, epsilon: layerNormEps),
            projection: projection, longestSequence: maxPositionEmbeddings - Int(positions.first))
    }

    /// Loads the layer that makes a hidden state of an embedding. Like a head, it is stored a step wider than the
    /// layers: it is small, and all that follows is made of its sums.
    func embeddingProjection(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> Linear {
        try weights.headLinear(name, embeddingSize, outputs: shape.hiddenSize)
    }

    /// A layer by the names that BERT has for its tensors.
    func layer(_ weights: LayerWeights) throws(CheckpointError) -> TransformerLayer {
        let (size, inner) = (shape.hiddenSize, shape.intermediateSize)
        let attention = weights["attention"]
        return TransformerLayer(
            attention: SelfAttention(
                projections: try attention["self"].linear(
                    "query", "key", "value", inputs: size, outputs: size, as: .projections(values: size)),
                shape: shape.attention),
            attentionOutput: try attention["output"].linear("dense", inputs: size, outputs: size, as: .attentionOutput),
            attentionNorm: try norm("LayerNorm", attention["output"]),
            feedForward: FeedForward(
                intermediate: try weights["intermediate"].linear(
                    "dense", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: hiddenAct,
                output: try weights["output"].linear("dense", inputs: inner, outputs: size, as: .feedForwardOutput)),
            outputNorm: try norm("LayerNorm", weights["output"]))
    }

    /// A norm of hidden states.
    func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> LayerNorm {
        try weights.layerNorm(name, size: shape.hiddenSize, epsilon: layerNormEps)
    }

    /// The head of a token classifier: `classifier`.
    func tokenClassifier(_ checkpoint: LayerWeights) throws(CheckpointError) -> EncoderHead {
        EncoderHead(output: try checkpoint.headLinear("classifier", shape.hiddenSize, outputs: labels))
    }

    /// The head of a sequence classifier behind the pooler: `classifier`.
    func pooledClassifier(
        _ pooler: EncoderHead, _ checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead {
        var head = pooler
        head.output = try tokenClassifier(checkpoint).output
        return head
    }

    /// The head of a sequence classifier with a layer of its own: `dense` and `out_proj` below `classifier`.
    func sequenceClassifier(
        _ checkpoint: LayerWeights, activation: Activation
    ) throws(CheckpointError) -> EncoderHead {
        let (head, size) = (checkpoint["classifier"], shape.hiddenSize)
        return EncoderHead(
            transform: try head.headLinear("dense", size), activation: activation,
            output: try head.headLinear("out_proj", size, outputs: labels))
    }
}
