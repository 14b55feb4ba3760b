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
        precondition(heads > 0 && headSize > 0)
        self.heads = heads
        self.headSize = headSize
        self.scale = scale
    }
}

/// The memory in which attention works: for each thread the keys of one head, transposed, and the weights of a block
/// of queries.
package struct AttentionScratch {
    fileprivate let keys: Matrix
    fileprivate let weights: Matrix
}

extension CPU {
    /// Scratch memory for sequences of up to `longest` tokens.
    package func attentionScratch(longest: Int, shape: AttentionShape, from workspace: Workspace) -> AttentionScratch {
        AttentionScratch(
            keys: workspace.matrix(rows: threads * shape.headSize, columns: longest),
            weights: workspace.matrix(rows: threads * AttentionJob.blockRows, columns: longest))
    }

    /// Bidirectional attention within each sequence of a packed batch: softmax(scale·q·kᵀ)·v per head.
    ///
    /// - Parameters:
    ///   - queries, keys, values: `[tokens, heads × headSize]`, one head after the other in a row
    ///   - offsets: where each sequence starts, and the number of tokens: `[sequences + 1]`; none is longer than the
    ///     scratch memory allows
    ///   - output: `[tokens, heads × headSize]`
    package func attention(
        queries: Matrix, keys: Matrix, values: Matrix, offsets: [Int], shape: AttentionShape,
        scratch: AttentionScratch, into output: Matrix
    ) {
        offsets.withUnsafeBufferPointer { offsets in
            let job = AttentionJob(
                kernels: kernels, queries: queries, keys: keys, values: values, offsets: offsets, shape: shape,
                scratch: scratch, output: output)
            pool.run(job, chunks: (offsets.count - 1) * shape.heads)
        }
    }
}

/// One head of one sequence.
private struct AttentionJob: ParallelJob {
    /// Queries whose weights over all keys are in memory at one time.
    static let blockRows = 48

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
        let start = offsets[sequence]
        let length = offsets[sequence + 1] - start
        precondition(length <= scratch.weights.columns)
        let column = head * shape.headSize
        let keyStride = scratch.keys.stride
        let keyColumns = scratch.keys.base + thread * shape.headSize * keyStride
        let weightStride = scratch.weights.stride
        let weights = scratch.weights.base + thread * Self.blockRows * weightStride
        penstock_transpose(
            length, shape.headSize, keys.base + start * keys.stride + column, keys.stride, keyColumns,
            keyStride)
        for block in stride(from: 0, to: length, by: Self.blockRows) {
            let rows = min(Self.blockRows, length - block)
            product(
                rows, length, shape.headSize, queries.base + (start + block) * queries.stride + column, queries.stride,
                keyColumns, keyStride, weights, weightStride, scale: shape.scale)
            for row in 0..<rows { kernels.table.pointee.softmax(length, weights + row * weightStride) }
            product(
                rows, shape.headSize, length, weights, weightStride,
                values.base + start * values.stride + column, values.stride,
                output.base + (start + block) * output.stride + column, output.stride, scale: 1)
        }
    }

    /// c[m][n] = scale · a[m][k] · b[k][n] for any n.
    private func product(
        _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>,
        _ bStride: Int, _ c: UnsafeMutablePointer<Float>, _ cStride: Int, scale: Float
    ) {
        var epilogue = penstock_epilogue(
            scale: scale, bias: nil, activation: penstock_activation_none, residual: nil, residual_stride: 0)
        for column in stride(from: 0, to: n, by: Linear.panelWidth) {
            kernels.table.pointee.matrix_product(
                m, min(Linear.panelWidth, n - column), k, a, aStride, b + column, bStride, c + column, cStride,
                &epilogue)
        }
    }
}
