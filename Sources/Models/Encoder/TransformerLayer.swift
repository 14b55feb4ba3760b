import PenstockCompute

/// A layer of an encoder: attention and a feed-forward, each with a sum around it, and norms before or behind them.
final class TransformerLayer: EncoderLayer {
    /// The norms and their place before or behind the blocks.
    private enum Norms: Sendable {
        /// Before each block (Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020):
        ///
        ///     x ← x + Wₒ·attention(norm(x))
        ///     x ← x + feedForward(norm(x))
        case before(LayerNorm?, LayerNorm)
        /// Behind each block, as Vaswani et al. have it ("Attention Is All You Need", 2017):
        ///
        ///     x ← norm(x + Wₒ·attention(x))
        ///     x ← norm(x + feedForward(x))
        case behind(LayerNorm, LayerNorm)
    }

    let attention: SelfAttention
    private let attentionOutput: Linear  // [H, H]
    private let feedForward: FeedForward
    private let norms: Norms

    private init(_ norms: Norms, _ attention: SelfAttention, _ attentionOutput: Linear, _ feedForward: FeedForward) {
        (self.norms, self.attention) = (norms, attention)
        (self.attentionOutput, self.feedForward) = (attentionOutput, feedForward)
    }

    /// A layer with norms before its blocks.
    ///
    /// - Parameter attentionNorm: nil if the input of the layer is normalised already
    convenience init(
        attentionNorm: LayerNorm?, attention: SelfAttention, attentionOutput: Linear, feedForwardNorm: LayerNorm,
        feedForward: FeedForward
    ) {
        self.init(.before(attentionNorm, feedForwardNorm), attention, attentionOutput, feedForward)
    }

    /// A layer with norms behind its blocks.
    convenience init(
        attention: SelfAttention, attentionOutput: Linear, attentionNorm: LayerNorm, feedForward: FeedForward,
        outputNorm: LayerNorm
    ) {
        self.init(.behind(attentionNorm, outputNorm), attention, attentionOutput, feedForward)
    }

    var products: [Linear] { [attention.projections, attentionOutput, feedForward.intermediate, feedForward.output] }

    func attend(_ group: SequenceGroup, on cpu: CPU) {
        switch norms {
        case .before(let norm, _): attention.forward(group, norm: norm, on: cpu)
        case .behind: attention.forward(group, on: cpu)
        }
    }

    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers) {
        cpu.forEachBlock(
            of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
    }

    private struct FinishingRows: RowsJob {
        let layer: TransformerLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: EncoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let (hidden, feedForward) = (hidden.rows(rows), layer.feedForward)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            // The hidden states are in the sum now, and their place is free.
            switch layer.norms {
            case .before(_, let norm):
                cpu.layerNorm(sum, norm, into: hidden)
                feedForward.forward(hidden, residual: sum, into: hidden, on: cpu, buffers.feedForward)
            case .behind(let attentionNorm, let outputNorm):
                cpu.layerNorm(sum, attentionNorm, into: hidden)
                feedForward.forward(hidden, residual: hidden, into: sum, on: cpu, buffers.feedForward)
                cpu.layerNorm(sum, outputNorm, into: hidden)
            }
        }
    }
}
