import PenstockCompute

/// A layer with the norm before each block (Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020):
///
///     x ← x + Wₒ·attention(norm(x))
///     x ← x + feedForward(norm(x))
final class PreNormLayer: EncoderLayer {
    /// Nil in a layer whose input is normalised already.
    let attentionNorm: LayerNorm?
    let attention: SelfAttention
    let attentionOutput: Linear  // [H, H]
    let feedForwardNorm: LayerNorm
    let feedForward: FeedForward

    init(
        attentionNorm: LayerNorm?, attention: SelfAttention, attentionOutput: Linear, feedForwardNorm: LayerNorm,
        feedForward: FeedForward
    ) {
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.attentionOutput = attentionOutput
        self.feedForwardNorm = feedForwardNorm
        self.feedForward = feedForward
    }

    var products: [Linear] { [attention.projections, attentionOutput, feedForward.intermediate, feedForward.output] }

    func attend(_ group: SequenceGroup, on cpu: CPU) { attention.forward(group, norm: attentionNorm, on: cpu) }

    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(
            of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
    }

    private struct FinishingRows: RowsJob {
        let layer: PreNormLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = hidden.rows(rows)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            // The hidden states are in the sum now, and their place is free.
            cpu.layerNorm(sum, layer.feedForwardNorm, into: hidden)
            layer.feedForward.forward(hidden, residual: sum, into: hidden, on: cpu, buffers.feedForward)
        }
    }
}
