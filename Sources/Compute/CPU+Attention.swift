import CKernels

/// How attention reads its rows.
package struct AttentionShape: Sendable {
    /// The number of heads.
    package let heads: Int
    /// The length of one head's vectors.
    package let headSize: Int
    /// What a query–key product is multiplied by, usually 1/√headSize.
    package let scale: Float

    /// - Precondition: all are positive.
    package init(heads: Int, headSize: Int, scale: Float) {
        precondition(heads > 0 && headSize > 0 && scale > 0)
        self.heads = heads
        self.headSize = headSize
        self.scale = scale
    }
}

/// The memory in which attention works, for each thread: keys and values of one head as the panels of a product, and
/// scores and weights of a block of queries.
package struct AttentionScratch {
    fileprivate let units: Matrix
    fileprivate let layout: Layout

    /// Where the parts lie, for sequences of up to `longest` tokens.
    fileprivate struct Layout {
        static let queryRows = 48

        let longest: Int
        let precision: Precision
        let keys = 0
        let values: Int
        let scores: Int
        let scoreStride: Int
        let weights: Int
        let weightStride: Int
        let count: Int

        init(longest: Int, shape: AttentionShape, precision: Precision) {
            let width = Linear.panelWidth
            self.longest = longest
            self.precision = precision
            values = Linear.panelCount(longest) * precision.units(shape.headSize) * width
            scores = values + Linear.panelCount(shape.headSize) * precision.units(longest) * width
            // Not a multiple of a page, which would put all rows into the same few lines of a cache.
            scoreStride = Linear.panelCount(longest) * width + 16
            // Weights of single precision take the place of the scores.
            let isInPlace = precision == .float32
            weights = isInPlace ? scores : scores + Self.queryRows * scoreStride
            weightStride = isInPlace ? scoreStride : precision.units(longest) + 16
            count = weights + Self.queryRows * weightStride
        }
    }
}

extension CPU {
    /// Memory for queries, keys and values of `rows` tokens, side by side in `columns` columns.
    package func attentionInput(
        rows: Int, columns: Int, shape: AttentionShape, precision: Precision, from workspace: Workspace
    ) -> Matrix {
        // A head has to lie within a panel, and bfloat16 are looked up in pairs.
        guard Linear.panelWidth.isMultiple(of: shape.headSize), shape.headSize.isMultiple(of: 2) else {
            return workspace.matrix(rows: rows, columns: columns)
        }
        return workspace.panels(rows: rows, columns: columns, precision: precision)
    }

    /// Scratch memory for sequences of up to `longest` tokens, whose queries, keys and values are in `input`.
    package func attentionScratch(
        longest: Int, shape: AttentionShape, input: Matrix, from workspace: Workspace
    ) -> AttentionScratch {
        let layout = AttentionScratch.Layout(longest: longest, shape: shape, precision: input.precision)
        return AttentionScratch(units: workspace.matrix(rows: threads, columns: layout.count), layout: layout)
    }

    /// Bidirectional attention within each sequence of a packed batch: softmax(scale·q·kᵀ)·v per head.
    ///
    /// - Parameters:
    ///   - queries, keys, values: `[tokens, heads × headSize]`, one head after the other, as
    ///     ``attentionInput(rows:columns:shape:precision:from:)`` lays them out
    ///   - offsets: where each sequence starts, and where the last one ends, from any origin: `[sequences + 1]`;
    ///     none is longer than the scratch memory allows
    ///   - output: `[tokens, heads × headSize]`
    package func attention(
        queries: Matrix, keys: Matrix, values: Matrix, offsets: ArraySlice<Int>, shape: AttentionShape,
        scratch: AttentionScratch, into output: Matrix
    ) {
        let precision = scratch.layout.precision
        precondition(queries.precision == precision && keys.precision == precision && values.precision == precision)
        offsets.withUnsafeBufferPointer { offsets in
            let job = AttentionJob(
                kernels: kernels, queries: queries, keys: keys, values: values, offsets: offsets, shape: shape,
                scratch: scratch, output: output)
            timed(.attention) { run(job, chunks: (offsets.count - 1) * shape.heads) }
        }
    }
}

/// One head of one sequence.
private struct AttentionJob: ParallelJob {
    let kernels: Kernels
    let queries: Matrix
    let keys: Matrix
    let values: Matrix
    let offsets: UnsafeBufferPointer<Int>
    let shape: AttentionShape
    let scratch: AttentionScratch
    let output: Matrix

    func run(chunk: Int, thread: Int) {
        let (sequence, head) = chunk.quotientAndRemainder(dividingBy: shape.heads)
        let part = Head(
            first: offsets[sequence] - offsets[0], length: offsets[sequence + 1] - offsets[sequence],
            column: head * shape.headSize, memory: scratch.units.base + thread * scratch.units.stride)
        precondition(part.length <= scratch.layout.longest)
        packKeys(part)
        packValues(part)
        let step = AttentionScratch.Layout.queryRows
        for row in stride(from: 0, to: part.length, by: step) {
            attend(part, queries: row..<min(row + step, part.length))
        }
    }

    /// A head of a sequence, and the memory of the thread that computes it.
    private struct Head {
        let first: Int
        let length: Int
        let column: Int
        let memory: UnsafeMutablePointer<Float>

        func row(_ index: Int, of matrix: Matrix) -> UnsafeMutablePointer<Float> {
            matrix.address(first + index, column)
        }
    }

    private var precision: Precision { scratch.layout.precision }
    private var keyUnits: Int { precision.units(shape.headSize) }

    /// Panels of 64 keys, `[units of headSize][64]`.
    private func packKeys(_ head: Head) {
        let width = Linear.panelWidth
        for key in stride(from: 0, to: head.length, by: width) {
            kernels.table.pointee.transpose(
                min(width, head.length - key), keyUnits, head.row(key, of: keys), keys.stride,
                head.memory + scratch.layout.keys + key * keyUnits, width)
        }
    }

    /// Panels of 64 columns, `[units of length][64]`.
    private func packValues(_ head: Head) {
        let width = Linear.panelWidth
        let units = precision.units(head.length)
        for column in stride(from: 0, to: shape.headSize, by: width) {
            let count = min(width, shape.headSize - column)
            let panel = head.memory + scratch.layout.values + column * units
            for unit in 0..<units {
                let target = panel + unit * width
                guard precision == .bfloat16 else {
                    target.update(from: head.row(unit, of: values) + column, count: count)
                    continue
                }
                let even = head.row(2 * unit, of: values)
                // Behind the last row stands itself, times a weight of zero.
                let odd = 2 * unit + 1 < head.length ? head.row(2 * unit + 1, of: values) : even
                kernels.table.pointee.interleave_bfloat16(count, even, odd, target)
            }
        }
    }

    private func attend(_ head: Head, queries range: Range<Int>) {
        let width = Linear.panelWidth
        let layout = scratch.layout
        let scores = head.memory + layout.scores
        let weights = Operand(units: head.memory + layout.weights, stride: layout.weightStride)
        var rows = Operand(units: head.row(range.lowerBound, of: queries), stride: queries.stride).from(0)
        for key in stride(from: 0, to: head.length, by: width) {
            kernels.table.pointee.matrix_sums(
                precision.kernel, range.count, min(width, head.length - key), keyUnits, &rows,
                head.memory + layout.keys + key * keyUnits, scores + key, layout.scoreStride)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: AttentionScratch.Layout.queryRows) { inverses in
            for row in 0..<range.count {
                inverses[row] =
                    1
                    / kernels.table.pointee.softmax_numerators(
                        precision.kernel, head.length, shape.scale, scores + row * layout.scoreStride,
                        weights.units + row * layout.weightStride)
            }
            var rows = weights.from(0)
            rows.scale = UnsafePointer(inverses.baseAddress)
            let units = precision.units(head.length)
            for column in stride(from: 0, to: shape.headSize, by: width) {
                var panel = penstock_panel(
                    units: head.memory + layout.values + column * units, scale: nil, sum: nil, next: nil,
                    is_fetched: 1)
                var epilogue = penstock_epilogue(
                    is_rounded: output.precision == .bfloat16 ? 1 : 0, bias: nil,
                    activation: penstock_activation_none, is_coarse: 0, residual: nil, residual_stride: 0)
                kernels.table.pointee.matrix_product(
                    precision.kernel, range.count, min(width, shape.headSize - column), units, &rows, &panel,
                    head.row(range.lowerBound, of: output) + column / output.precision.numbersPerUnit, output.stride,
                    &epilogue)
            }
        }
    }
}
