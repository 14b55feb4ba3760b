import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// BLOOM: attention with linear biases in place of positions, and a norm behind the embeddings.
///
/// Workshop et al., "BLOOM: A 176B-Parameter Open-Access Multilingual Language Model" (2022).
struct Bloom: DecoderFamily {
    let basePrefixes = ["transformer"]
    let wordName = "word_embeddings"

    let shape: DecoderShape
    private let epsilon: Double

    private static let keys = ["vocab_size", "layer_norm_epsilon", "tie_word_embeddings"]

    init(_ file: ConfigFile) throws(CheckpointError) {
        try file.checkDecoderSettings(honoured: Self.keys)
        try file.require(
            "apply_residual_connection_post_layernorm", [.bool(false)], "the norm's input is what is added to")
        if try file.flag("slow_but_exact", default: false) {
            try file.require("pretraining_tp", [.integer(1)], "set slow_but_exact to false")
        }
        let hiddenSize = try file.size("n_embed", or: "hidden_size", default: 64)
        let even = try file.attentionShape(
            heads: "n_head", or: "num_attention_heads", default: 8, of: ("hidden_size", hiddenSize))
        epsilon = try file.magnitude("layer_norm_epsilon", default: 1e-5)
        shape = DecoderShape(
            vocabSize: try file.size("vocab_size", default: 250_880), hiddenSize: hiddenSize,
            layers: try file.size("n_layer", or: "num_hidden_layers", default: 2, atLeast: 0),
            heads: GroupedHeads(
                heads: even.heads, keyHeads: even.heads, headSize: even.headSize, scale: even.scale),
            intermediateSize: 4 * hiddenSize,
            // No table ends there: it is the length of training.
            longestSequence: try file.size("seq_length", default: 2048),
            tieWordEmbeddings: try file.flag("tie_word_embeddings", default: true), labels: try file.labelCount(),
            padding: file.paddingToken(default: nil))
    }

    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings {
        DecoderEmbeddings(words: words, norm: try norm("word_embeddings_layernorm", base))
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        let (weights, size, inner) = (base["h.\(index)"], shape.hiddenSize, shape.intermediateSize)
        let (attention, heads) = (weights["self_attention"], shape.heads)
        return DecoderLayer(
            attentionNorm: try norm("input_layernorm", weights),
            attention: DecoderAttention(
                projections: try attention.linearByHead(
                    "query_key_value", inputs: size, heads: heads.heads, headSize: heads.headSize, bias: true),
                heads: heads, alibi: ALiBi(slopes: ALiBi.slopes(heads: heads.heads), measure: .position)),
            attentionOutput: try attention.linear("dense", inputs: size, outputs: size, as: .attentionOutput),
            feedForwardNorm: try norm("post_attention_layernorm", weights),
            feedForward: FeedForward(
                intermediate: try weights["mlp"].linear(
                    "dense_h_to_4h", inputs: size, outputs: inner, as: .feedForwardInput),
                activation: .geluTanh,
                output: try weights["mlp"].linear(
                    "dense_4h_to_h", inputs: inner, outputs: size, as: .feedForwardOutput)))
    }

    private func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> NormLayer {
        .layer(try weights.layerNorm(name, size: shape.hiddenSize, epsilon: epsilon))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try norm("ln_f", base))
    }
}
