import PenstockCompute

/// A layer with the norm behind each block, as Vaswani et al. have it ("Attention Is All You Need", 2017):
///
///     x ← norm(x + Wₒ·attention(x))
///     x ← norm(x + feedForward(x))
final class PostNormLayer: EncoderLayer {
    let attention: SelfAttention
    let attentionOutput: Linear  // [H, H]
    let attentionNorm: LayerNorm
    let feedForward: FeedForward
    let outputNorm: LayerNorm

    init(
        attention: SelfAttention, attentionOutput: Linear, attentionNorm: LayerNorm, feedForward: FeedForward,
        outputNorm: LayerNorm
    ) {
        self.attention = attention
        self.attentionOutput = attentionOutput
        self.attentionNorm = attentionNorm
        self.feedForward = feedForward
        self.outputNorm = outputNorm
    }

    var products: [Linear] { [attention.projections, attentionOutput, feedForward.intermediate, feedForward.output] }

    func attend(_ group: SequenceGroup, on cpu: CPU) { attention.forward(group, on: cpu) }

    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(
            of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
    }

    private struct FinishingRows: RowsJob {
        let layer: PostNormLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = hidden.rows(rows)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            cpu.layerNorm(sum, layer.attentionNorm, into: hidden)
            layer.feedForward.forward(hidden, residual: hidden, into: sum, on: cpu, buffers.feedForward)
            cpu.layerNorm(sum, layer.outputNorm, into: hidden)
        }
    }
}
