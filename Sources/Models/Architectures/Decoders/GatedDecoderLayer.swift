import PenstockCheckpoints
import PenstockCompute

/// Layers of Llama and its relatives under the names of their tensors.
struct GatedDecoderLayer: Sendable {
    let config: GatedDecoderConfig
    var queryBias = false
    var outputBias = false
    var feedForwardBias = false
    /// True if the heads of queries and keys are normalised.
    var hasHeadNorms = false
    /// True if the outputs of attention and feed-forward are normalised before they are added.
    var hasOutputNorms = false
    /// True if norms multiply by 1 + weight.
    var addsOne = false
    /// True if queries, keys and values are one tensor, and gate and factor are another.
    var isFused = false

    /// Loads a layer.
    ///
    /// - Parameters:
    ///   - rotary: which of the rotations it has, if any
    ///   - window: which of the windows it has
    func load(_ weights: LayerWeights, rotary: Int?, window: Int) throws(CheckpointError) -> DecoderLayer {
        let heads = config.shape.heads
        let (attention, size) = (weights["self_attn"], config.shape.hiddenSize)
        return DecoderLayer(
            attentionNorm: try norm("input_layernorm", weights),
            attention: DecoderAttention(
                projections: isFused
                    ? try attention.linear(
                        "qkv_proj", inputs: size, outputs: config.shape.projectionSize, bias: queryBias,
                        as: .projections(values: heads.keySize))
                    : try attention.linears(
                        [("q_proj", heads.querySize), ("k_proj", heads.keySize), ("v_proj", heads.keySize)],
                        inputs: size, bias: queryBias, as: .projections(values: heads.keySize)),
                heads: heads, queryNorm: hasHeadNorms ? try headNorm("q_norm", attention) : nil,
                keyNorm: hasHeadNorms ? try headNorm("k_norm", attention) : nil, rotary: rotary, window: window),
            attentionOutput: try attention.linear(
                "o_proj", inputs: heads.querySize, outputs: size, bias: outputBias, as: .attentionOutput),
            attentionOutputNorm: hasOutputNorms ? try norm("post_attention_layernorm", weights) : nil,
            feedForwardNorm: try norm(
                hasOutputNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm", weights),
            feedForward: try feedForward(weights["mlp"]),
            feedForwardOutputNorm: hasOutputNorms ? try norm("post_feedforward_layernorm", weights) : nil)
    }

    private func feedForward(_ weights: LayerWeights) throws(CheckpointError) -> FeedForward {
        let (size, inner) = (config.shape.hiddenSize, config.shape.intermediateSize)
        return FeedForward(
            intermediate: isFused
                ? try weights.linear(
                    "gate_up_proj", inputs: size, outputs: 2 * inner, bias: feedForwardBias, as: .feedForwardInput)
                : try weights.linear(
                    "gate_proj", "up_proj", inputs: size, outputs: inner, bias: feedForwardBias, as: .feedForwardInput),
            activation: config.activation, activated: .first,
            output: try weights.linear(
                "down_proj", inputs: inner, outputs: size, bias: feedForwardBias, as: .feedForwardOutput))
    }

    /// A norm of hidden states.
    func norm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> NormLayer {
        .rootMeanSquare(
            try weights.rmsNorm(
                name, size: config.shape.hiddenSize, epsilon: config.epsilon, addsOne: addsOne))
    }

    private func headNorm(_ name: String, _ weights: LayerWeights) throws(CheckpointError) -> RMSNorm {
        try weights.rmsNorm(name, size: config.shape.heads.headSize, epsilon: config.epsilon, addsOne: addsOne)
    }
}
