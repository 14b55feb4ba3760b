import PenstockCompute

/// A layer of a decoder. Its norms may be missing.
final class DecoderLayer: Sendable {
    /// The way in which attention, feed-forward and norms are put together.
    enum Arrangement: Sendable {
        /// x ← x + outputNorm₁(Wₒ·attention(norm₁(x))), then x ← x + outputNorm₂(feedForward(norm₂(x)))
        case normsBefore
        /// x ← x + Wₒ·attention(norm₁(x)) + feedForward(norm₂(x))
        case parallel
        /// x ← norm₁(x + Wₒ·attention(x)), then x ← norm₂(x + feedForward(x))
        case normsBehind
    }

    let arrangement: Arrangement
    let attentionNorm: NormLayer?
    let attention: DecoderAttention
    let attentionOutput: Linear  // [H, queries]
    let attentionOutputNorm: NormLayer?
    let feedForwardNorm: NormLayer?
    let feedForward: FeedForward
    let feedForwardOutputNorm: NormLayer?

    init(
        _ arrangement: Arrangement = .normsBefore, attentionNorm: NormLayer?, attention: DecoderAttention,
        attentionOutput: Linear, attentionOutputNorm: NormLayer? = nil, feedForwardNorm: NormLayer?,
        feedForward: FeedForward, feedForwardOutputNorm: NormLayer? = nil
    ) {
        self.arrangement = arrangement
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.attentionOutput = attentionOutput
        self.attentionOutputNorm = attentionOutputNorm
        self.feedForwardNorm = feedForwardNorm
        self.feedForward = feedForward
        self.feedForwardOutputNorm = feedForwardOutputNorm
    }

    var products: [Linear] { [attention.projections, attentionOutput, feedForward.intermediate, feedForward.output] }

    /// Makes keys and values of a group's hidden states, and queries.
    ///
    /// - Parameter isAttended: whether attention follows
    func project(_ group: DecoderGroup, layer: Int, isAttended: Bool, on cpu: CPU) {
        attention.project(
            group, layer: layer, norm: arrangement == .normsBehind ? nil : attentionNorm, isAttended: isAttended,
            on: cpu)
    }

    /// Makes the layer's output of the context of some rows and their hidden states, in their place.
    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: DecoderBuffers) {
        cpu.forEachBlock(
            of: hidden.rows, FinishingRows(layer: self, context: context, hidden: hidden, buffers: buffers))
    }

    private struct FinishingRows: RowsJob {
        let layer: DecoderLayer
        let context: Matrix
        let hidden: Matrix
        let buffers: DecoderBuffers

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let hidden = hidden.rows(rows)
            let sum = cpu.local(buffers.sum, rows: rows.count)
            if let norm = layer.attentionOutputNorm {
                cpu.linear(context.rows(rows), layer.attentionOutput, into: sum)
                cpu.normalise(sum, norm, into: sum)
                cpu.add(hidden, into: sum)
            } else {
                cpu.linear(context.rows(rows), layer.attentionOutput, residual: hidden, into: sum)
            }
            switch layer.arrangement {
            case .normsBefore: feedForward(of: sum, adding: sum, into: hidden, on: cpu)
            case .parallel: feedForward(of: hidden, adding: sum, into: hidden, on: cpu)
            case .normsBehind: finishBehind(sum, into: hidden, on: cpu)
            }
        }

        /// hidden = residual + outputNorm₂(feedForward(norm₂(input)))
        private func feedForward(of input: Matrix, adding residual: Matrix, into hidden: Matrix, on cpu: CPU) {
            if let norm = layer.feedForwardNorm { cpu.normalise(input, norm, into: hidden) }
            guard let norm = layer.feedForwardOutputNorm else {
                return layer.feedForward.forward(
                    layer.feedForwardNorm == nil ? input : hidden, residual: residual, into: hidden, on: cpu,
                    buffers.feedForward)
            }
            layer.feedForward.forward(
                layer.feedForwardNorm == nil ? input : hidden, residual: nil, into: hidden, on: cpu,
                buffers.feedForward)
            cpu.normalise(hidden, norm, into: hidden)
            cpu.add(residual, into: hidden)
        }

        private func finishBehind(_ sum: Matrix, into hidden: Matrix, on cpu: CPU) {
            if let norm = layer.attentionNorm { cpu.normalise(sum, norm, into: hidden) }
            layer.feedForward.forward(hidden, residual: hidden, into: sum, on: cpu, buffers.feedForward)
            if let norm = layer.feedForwardNorm { cpu.normalise(sum, norm, into: hidden) }
        }
    }
}
