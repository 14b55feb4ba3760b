import PenstockCompute

/// The attention of a layer within each sequence, before its output projection: softmax(scale·q·kᵀ + term)·v over the
/// past, with queries, keys and values that are projections of the hidden states.
struct DecoderAttention: Sendable {
    let projections: Linear  // queries, keys and values side by side: [queries + 2·keys, H]
    let heads: GroupedHeads
    /// Applied to each head of queries and of keys, if any.
    var queryNorm: RMSNorm?
    var keyNorm: RMSNorm?
    /// Which of the model's rotations turns queries and keys, if one does.
    var rotary: Int?
    var alibi: ALiBi?
    /// Which of the model's windows its queries see.
    var window = 0

    /// Makes queries, keys and values of rows of a group, and writes keys and values to their pages.
    ///
    /// - Parameter isAttended: whether ``attend(_:layer:on:)`` follows, which may write some of them
    func project(_ group: DecoderGroup, layer: Int, norm: NormLayer?, isAttended: Bool, on cpu: CPU) {
        cpu.forEachBlock(
            of: group.rows.count,
            ProjectingRows(attention: self, layer: layer, norm: norm, isAttended: isAttended, group: group))
    }

    /// Makes the context of rows of a group.
    func attend(_ group: DecoderGroup, layer: Int, on cpu: CPU) {
        let (step, buffers) = (group.step, group.buffers)
        let plan = step.plans[window]
        cpu.attention(
            queries: group.projected.columns(0..<heads.querySize), keys: keys(group.projected),
            values: values(group.projected), over: group.memory, layer: layer, step.batch, plan,
            group: group.index, origin: group.rows.lowerBound, heads: heads, alibi: alibi, scratch: buffers.scratch,
            into: group.context)
        cpu.merge(
            plan, group: group.index, heads: heads, scratch: buffers.scratch, origin: group.rows.lowerBound,
            into: group.context)
    }

    private func keys(_ projected: Matrix) -> Matrix {
        projected.columns(heads.querySize..<heads.querySize + heads.keySize)
    }

    private func values(_ projected: Matrix) -> Matrix {
        projected.columns(heads.querySize + heads.keySize..<heads.querySize + 2 * heads.keySize)
    }

    private struct ProjectingRows: RowsJob {
        let attention: DecoderAttention
        let layer: Int
        let norm: NormLayer?
        let isAttended: Bool
        let group: DecoderGroup

        func run(_ rows: Range<Int>, on cpu: CPU) {
            var input = group.hidden.rows(rows)
            if let norm {
                let normed = cpu.local(group.buffers.sum, rows: rows.count)
                cpu.normalise(input, norm, into: normed)
                input = normed
            }
            let projected = group.projected.rows(rows)
            cpu.linear(input, attention.projections, into: projected)
            let (queries, keys) = (projected.columns(0..<attention.heads.querySize), attention.keys(projected))
            if let norm = attention.queryNorm { cpu.normaliseHeads(queries, headSize: attention.heads.headSize, norm) }
            if let norm = attention.keyNorm { cpu.normaliseHeads(keys, headSize: attention.heads.headSize, norm) }
            let first = group.rows.lowerBound + rows.lowerBound
            let places = first..<first + rows.count
            if let rotary = attention.rotary { rotate(projected, places, rotary, on: cpu) }
            write(keys, attention.values(projected), places, on: cpu)
        }

        /// Writes what no task of attention will write.
        private func write(_ keys: Matrix, _ values: Matrix, _ places: Range<Int>, on cpu: CPU) {
            let (batch, isWritten) = (group.step.batch, group.step.plans[attention.window].isWritten)
            for (index, run) in batch.runs.enumerated() where !(isAttended && isWritten[index]) {
                let part = run.rows.clamped(to: places)
                guard !part.isEmpty else { continue }
                let rows = part.lowerBound - places.lowerBound..<part.upperBound - places.lowerBound
                cpu.write(
                    keys: keys.rows(rows), values: values.rows(rows), of: part, batch, to: group.memory, layer: layer)
            }
        }

        private func rotate(_ projected: Matrix, _ places: Range<Int>, _ rotary: Int, on cpu: CPU) {
            let turned = projected.columns(0..<attention.heads.querySize + attention.heads.keySize)
            group.step.forEachRotation(of: places) { rows, rotation in
                cpu.rotate(
                    turned.rows(rows.lowerBound - places.lowerBound..<rows.upperBound - places.lowerBound),
                    positions: group.step.batch.positions[rows], rotation.tables[rotary],
                    headSize: attention.heads.headSize)
            }
        }
    }
}
