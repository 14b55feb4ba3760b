import CKernels

extension CPU {
    /// output = activation(input·Wᵀ + b) + residual
    ///
    /// - Parameters:
    ///   - input: `[rows, layer.inputs]`
    ///   - layer: weights and bias
    ///   - activation: applied to each sum before the residual is added
    ///   - residual: `[rows, layer.outputs]`, if any
    ///   - output: `[rows, layer.outputs]`; overlaps neither input nor residual
    package func linear(
        _ input: Matrix, _ layer: Linear, activation: Activation = .none, residual: Matrix? = nil, into output: Matrix
    ) {
        precondition(input.columns == layer.inputs && output.columns == layer.outputs && input.rows == output.rows)
        precondition(residual.map { $0.rows == output.rows && $0.columns == output.columns } ?? true)
        let blocks = (input.rows + LinearJob.blockRows - 1) / LinearJob.blockRows
        let job = LinearJob(
            kernels: kernels, input: input, layer: layer, activation: activation.kernel, residual: residual,
            output: output, blocks: blocks)
        pool.run(job, chunks: Linear.panelCount(layer.outputs) * blocks)
    }
}

/// One panel of weights times one block of rows. Neighbouring chunks share the panel.
private struct LinearJob: ParallelJob {
    /// Rows of a block: with a slice of its columns it stays in the second-level cache beside a block of the panel.
    static let blockRows = 192

    let kernels: Kernels
    let input: Matrix
    let layer: Linear
    let activation: penstock_activation
    let residual: Matrix?
    let output: Matrix
    let blocks: Int

    func run(chunk: Int, thread: Int) {
        let (panel, block) = chunk.quotientAndRemainder(dividingBy: blocks)
        let width = Linear.panelWidth
        let column = panel * width
        let columns = min(width, layer.outputs - column)
        let row = block * Self.blockRows
        let rows = min(Self.blockRows, input.rows - row)

        func product(bias: UnsafePointer<Float>?) {
            var epilogue = penstock_epilogue(
                scale: 1, bias: bias.map { $0 + column }, activation: activation,
                residual: residual.map { UnsafePointer($0.base + row * $0.stride + column) },
                residual_stride: residual?.stride ?? 0)
            kernels.table.pointee.matrix_product(
                rows, columns, layer.inputs, input.base + row * input.stride, input.stride,
                layer.panels.base + panel * layer.inputs * width, width,
                output.base + row * output.stride + column, output.stride, &epilogue)
        }
        if let bias = layer.bias {
            bias.withUnsafeBufferPointer { product(bias: $0.baseAddress) }
        } else {
            product(bias: nil)
        }
    }
}
