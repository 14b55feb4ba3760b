import CKernels

/// One head of one sequence with each chunk.
struct AttentionJob<Term: ScoreTerm>: ParallelJob {
    let kernels: Kernels
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    let offsets: UnsafeBufferPointer<Int>
    let shape: AttentionShape
    let term: Term
    let visibility: Visibility
    let scratch: AttentionScratch
    let output: Matrix

    func run(chunk: Int, thread: Int) {
        let (sequence, index) = chunk.quotientAndRemainder(dividingBy: shape.heads)
        let rows = offsets[sequence] - offsets[0]..<offsets[sequence + 1] - offsets[0]
        precondition(rows.count <= scratch.layout.longest)
        guard !rows.isEmpty else { return }
        let head = head(index, ofRows: rows)
        let memory = scratch.memory(ofThread: thread)
        packKeys(head, in: memory)
        packValues(head, in: memory)
        term.prepare(head, in: memory + scratch.layout.term)
        let step = AttentionScratch.Layout.queryRows
        for first in stride(from: head.queries.lowerBound, to: head.queries.upperBound, by: step) {
            attend(head, queries: first..<min(first + step, head.queries.upperBound), in: memory)
        }
    }

    private func head(_ index: Int, ofRows rows: Range<Int>) -> AttentionHead {
        let columns = index * shape.headSize..<(index + 1) * shape.headSize
        return AttentionHead(
            index: index, queries: 0..<rows.count, keys: 0..<rows.count,
            queryRows: queries.rows(rows).columns(columns), keyRows: keys.rows(rows).columns(columns),
            valueRows: values.rows(rows).columns(columns), output: output.rows(rows).columns(columns),
            scale: shape.scale, kernels: kernels)
    }

    private var precision: Precision { scratch.layout.precision }
    private var keyUnits: Int { precision.units(shape.headSize) }

    /// Panels of 64 keys, `[units of headSize][64]`.
    private func packKeys(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        let width = Linear.panelWidth
        for key in stride(from: 0, to: head.keys.count, by: width) {
            kernels.table.pointee.transpose(
                min(width, head.keys.count - key), keyUnits, head.keyRows.address(key, 0), head.keyRows.stride,
                memory + scratch.layout.keys + key * keyUnits, width)
        }
    }

    /// Panels of 64 columns, `[units of length][64]`.
    private func packValues(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        let width = Linear.panelWidth
        let length = head.keys.count
        let units = precision.units(length)
        for column in stride(from: 0, to: shape.headSize, by: width) {
            let count = min(width, shape.headSize - column)
            let panel = memory + scratch.layout.values + column * units
            for unit in 0..<units {
                let target = panel + unit * width
                guard precision == .bfloat16 else {
                    target.update(from: head.valueRows.address(unit, 0) + column, count: count)
                    continue
                }
                let even = head.valueRows.address(2 * unit, 0)
                // Behind the last row stands itself, times a weight of zero.
                let odd = 2 * unit + 1 < length ? head.valueRows.address(2 * unit + 1, 0) : even
                kernels.table.pointee.interleave_bfloat16(count, even, odd, target)
            }
        }
    }

    private func attend(
        _ head: AttentionHead, queries range: Range<Int>, in memory: UnsafeMutablePointer<Float>
    ) {
        let block = block(range, of: head)
        multiplyByKeys(block, of: head, in: memory)
        term.prepare(block, of: head, in: memory + scratch.layout.term)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: AttentionScratch.Layout.queryRows) { inverses in
            for (row, query) in range.enumerated() {
                inverses[row] = 1 / makeWeights(ofQueryAt: query, row, block, of: head, in: memory)
            }
            multiplyByValues(block, of: head, UnsafePointer(inverses.baseAddress), in: memory)
        }
    }

    /// The queries of a range and the panels of keys that one of them sees. Panels start at multiples of 64 positions and
    /// sums over keys at the start of a panel, so that a query's result does not depend on its block.
    private func block(_ queries: Range<Int>, of head: AttentionHead) -> QueryBlock {
        let first = visibility.keys(seenFrom: queries.lowerBound, of: head.keys).lowerBound
        let end = visibility.keys(seenFrom: queries.upperBound - 1, of: head.keys).upperBound
        let before = (first - head.keys.lowerBound) % Linear.panelWidth
        return QueryBlock(queries: queries, keys: first - before..<end)
    }

    /// Scores, `[queries][keys]` of the block.
    private func multiplyByKeys(_ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        let width = Linear.panelWidth
        let layout = scratch.layout
        let panels = memory + layout.keys + (block.keys.lowerBound - head.keys.lowerBound) * keyUnits
        let first = head.queryRows.address(block.queries.lowerBound - head.queries.lowerBound, 0)
        var rows = Operand(units: first, stride: head.queryRows.stride).from(0)
        for key in stride(from: 0, to: block.keys.count, by: width) {
            kernels.table.pointee.matrix_sums(
                precision.kernel, block.queries.count, min(width, block.keys.count - key), keyUnits, &rows,
                panels + key * keyUnits, memory + layout.scores + key, layout.scoreStride)
        }
    }

    /// Makes weights of the scores of one query.
    ///
    /// - Returns: their sum.
    private func makeWeights(
        ofQueryAt position: Int, _ row: Int, _ block: QueryBlock, of head: AttentionHead,
        in memory: UnsafeMutablePointer<Float>
    ) -> Float {
        let layout = scratch.layout
        let seen = visibility.keys(seenFrom: position, of: head.keys)
        var scores = penstock_scores(
            count: block.keys.count, first: seen.lowerBound - block.keys.lowerBound,
            end: seen.upperBound - block.keys.lowerBound,
            scores: UnsafePointer(memory + layout.scores + row * layout.scoreStride),
            addends: term.addends(ofQueryAt: position, block, of: head, in: memory + layout.term), scale: shape.scale)
        return kernels.table.pointee.softmax_numerators(
            precision.kernel, &scores, memory + layout.weights + row * layout.weightStride)
    }

    /// Weights times values, divided by the sum of each query's weights.
    private func multiplyByValues(
        _ block: QueryBlock, of head: AttentionHead, _ inverses: UnsafePointer<Float>?,
        in memory: UnsafeMutablePointer<Float>
    ) {
        let width = Linear.panelWidth
        let layout = scratch.layout
        let unitsBefore = (block.keys.lowerBound - head.keys.lowerBound) / precision.numbersPerUnit
        var rows = Operand(units: memory + layout.weights, stride: layout.weightStride).from(0)
        rows.scale = inverses
        for column in stride(from: 0, to: shape.headSize, by: width) {
            let values = memory + layout.values + column * precision.units(head.keys.count)
            var panel = penstock_panel(
                units: values + unitsBefore * width, scale: nil, sum: nil, next: nil, is_fetched: 1)
            var epilogue = penstock_epilogue(
                is_rounded: output.precision == .bfloat16 ? 1 : 0, bias: nil, activation: penstock_activation_none,
                is_coarse: 0, residual: nil, residual_stride: 0)
            kernels.table.pointee.matrix_product(
                precision.kernel, block.queries.count, min(width, shape.headSize - column),
                precision.units(block.keys.count), &rows, &panel,
                head.output.address(block.queries.lowerBound - head.queries.lowerBound, 0)
                    + column / output.precision.numbersPerUnit,
                output.stride, &epilogue)
        }
    }
}
