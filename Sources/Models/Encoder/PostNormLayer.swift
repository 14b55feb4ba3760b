import PenstockCompute

/// A layer with the norm behind each block, as Vaswani et al. have it ("Attention Is All You Need", 2017):
///
///     x ← norm(x + Wₒ·attention(Wq·x, Wk·x, Wv·x))
///     x ← norm(x + W₂·act(W₁·x))
final class PostNormLayer: EncoderLayer {
    let projections: Linear  // queries, keys and values side by side: [3H, H]
    let attentionOutput: Linear  // [H, H]
    let attentionNorm: LayerNorm
    let intermediate: Linear  // [I, H]
    let activation: Activation
    let output: Linear  // [H, I]
    let outputNorm: LayerNorm
    let shape: AttentionShape

    init(
        projections: Linear, attentionOutput: Linear, attentionNorm: LayerNorm, intermediate: Linear,
        activation: Activation, output: Linear, outputNorm: LayerNorm, shape: AttentionShape
    ) {
        self.projections = projections
        self.attentionOutput = attentionOutput
        self.attentionNorm = attentionNorm
        self.intermediate = intermediate
        self.activation = activation
        self.output = output
        self.outputNorm = outputNorm
        self.shape = shape
    }

    var products: [Linear] { [projections, attentionOutput, intermediate, output] }

    func attend(_ hidden: Matrix, _ offsets: ArraySlice<Int>, on cpu: CPU, _ buffers: EncoderBuffers) {
        let size = attentionOutput.inputs
        let projected = buffers.projections.rows(0..<hidden.rows)
        cpu.forEachBlock(of: hidden.rows, ProjectingRows(layer: projections, hidden: hidden, projected: projected))
        cpu.attention(
            queries: projected.columns(0..<size), keys: projected.columns(size..<2 * size),
            values: projected.columns(2 * size..<3 * size), offsets: offsets, shape: shape,
            scratch: buffers.scratch, into: buffers.context.rows(0..<hidden.rows))
    }

    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(
            of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
    }

    private struct ProjectingRows: RowsJob {
        let layer: Linear
        let hidden: Matrix
        let projected: Matrix

        func run(_ rows: Range<Int>, on cpu: CPU) {
            cpu.linear(hidden.rows(rows), layer, into: projected.rows(rows))
        }
    }

    private struct FinishingRows: RowsJob {
        let layer: PostNormLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = hidden.rows(rows)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            let inner = cpu.local(buffers.intermediate, rows: rows.count)
            cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            cpu.layerNorm(sum, layer.attentionNorm, into: hidden)
            cpu.linear(hidden, layer.intermediate, activation: layer.activation, into: inner)
            cpu.linear(inner, layer.output, residual: hidden, into: sum)
            cpu.layerNorm(sum, layer.outputNorm, into: hidden)
        }
    }
}
