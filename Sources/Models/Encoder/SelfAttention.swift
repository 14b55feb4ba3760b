import PenstockCompute

/// The part of a layer that computes within each sequence, before its output projection: softmax(scale·q·kᵀ + term)·v,
/// with queries, keys and values that are projections of the hidden states.
struct SelfAttention: Sendable {
    let projections: Linear  // queries, keys and values side by side: [3H, H]
    let shape: AttentionShape
    /// The angles by which the positions turn queries and keys, if they do.
    var rotary: RotaryTable?
    /// The terms that are added to the scores.
    var terms = ScoreTerms.none
    /// The keys that each query sees.
    var visibility = Visibility.everything

    /// Makes the context of a group.
    ///
    /// - Parameter norm: applied to the hidden states first, if any
    func forward(_ group: SequenceGroup, norm: LayerNorm? = nil, on cpu: CPU) {
        let size = projections.outputs / 3
        cpu.forEachBlock(of: group.hidden.rows, ProjectingRows(attention: self, norm: norm, group: group))
        let projected = group.buffers.projections.rows(0..<group.hidden.rows)
        cpu.attention(
            queries: projected.columns(0..<size), keys: projected.columns(size..<2 * size),
            values: projected.columns(2 * size..<3 * size), offsets: group.offsets, shape: shape, terms: terms,
            visibility: visibility, scratch: group.buffers.scratch, into: group.context)
    }

    private struct ProjectingRows: RowsJob {
        let attention: SelfAttention
        let norm: LayerNorm?
        let group: SequenceGroup

        func run(_ rows: Range<Int>, on cpu: CPU) {
            let layer = attention.projections
            var input = group.hidden.rows(rows)
            if let norm {
                let normed = cpu.local(group.buffers.sum, rows: rows.count)
                cpu.layerNorm(input, norm, into: normed)
                input = normed
            }
            let projected = group.buffers.projections.rows(rows)
            cpu.linear(input, layer, into: projected)
            if let rotary = attention.rotary {
                cpu.rotate(
                    projected.columns(0..<layer.outputs / 3 * 2), positions: group.positions(rows), rotary,
                    headSize: attention.shape.headSize)
            }
        }
    }
}
