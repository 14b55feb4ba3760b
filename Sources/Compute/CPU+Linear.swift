import CKernels

extension CPU {
    /// output = activation(input·Wᵀ + b) + residual
    ///
    /// - Parameters:
    ///   - input: `[rows, layer.inputs]`, of float32 or of the layer's precision
    ///   - layer: weights and bias
    ///   - activation: applied to each sum before the residual is added
    ///   - residual: `[rows, layer.outputs]`, if any
    ///   - output: `[rows, layer.outputs]`, of float32 or bfloat16; overlaps neither input nor residual
    package func linear(
        _ input: Matrix, _ layer: Linear, activation: Activation = .none, residual: Matrix? = nil, into output: Matrix
    ) {
        precondition(input.columns == layer.inputs && output.columns == layer.outputs && input.rows == output.rows)
        precondition(residual.map { $0.rows == output.rows && $0.columns == output.columns } ?? true)
        let blocks = (input.rows + blockRows - 1) / blockRows
        let job = LinearJob(
            kernels: kernels, input: operand(input, layer), layer: layer, activation: activation.kernel,
            residual: residual, output: output, blocks: blocks,
            pieces: PanelPieces(columns: layer.outputs, threads: blocks == 1 ? threads : 1), fetched: fetched)
        timed(.linear) { run(job, chunks: job.pieces.count * blocks) }
    }

    /// The input in the form of the layer.
    private func operand(_ input: Matrix, _ layer: Linear) -> Operand {
        let form = layer.inputForm
        guard form != .numbers(input.precision) else { return Operand(input) }
        precondition(input.precision == .float32)
        let operand = operands.operand(rows: input.rows, columns: layer.inputs, form)
        let job = RoundingJob(
            kernels: kernels, input: input, form: form, operand: operand,
            chunks: min(input.rows, max(1, input.rows * layer.inputs / RoundingJob.floatsWorthAChunk)))
        timed(.rounding) { run(job, chunks: job.chunks) }
        return operand
    }
}

/// Some rows, rounded to the form that a product takes.
private struct RoundingJob: ParallelJob {
    static let floatsWorthAChunk = 1 << 12

    let kernels: Kernels
    let input: Matrix
    let form: Linear.InputForm
    let operand: Operand
    /// At most as many as rows.
    let chunks: Int

    func run(chunk: Int, thread: Int) {
        for row in input.rows * chunk / chunks..<input.rows * (chunk + 1) / chunks {
            operand.round(row, input.columns, input.base + row * input.stride, to: form, kernels)
        }
    }
}

/// One piece of weights times one block of rows. Neighbouring chunks share the piece.
private struct LinearJob: ParallelJob {
    let kernels: Kernels
    let input: Operand
    let layer: Linear
    let activation: penstock_activation
    let residual: Matrix?
    let output: Matrix
    let blocks: Int
    let pieces: PanelPieces
    let fetched: FetchedAhead

    /// Returns the units of the piece that this thread is likely to take next.
    private func next(_ index: Int) -> UnsafeRawPointer? { pieces.next(index).flatMap { units(pieces[$0]) } }

    private func units(_ columns: Range<Int>) -> UnsafeRawPointer? {
        let (panel, column) = columns.lowerBound.quotientAndRemainder(dividingBy: Linear.panelWidth)
        // Blocks of a part of a panel lie among those of the others.
        let isOfBlocks = layer.precision == nil
        return layer.start(ofPanel: panel).map { $0 + (isOfBlocks ? 0 : column * MemoryLayout<Float>.stride) }
    }

    func run(chunk: Int, thread: Int) {
        let (index, block) = chunk.quotientAndRemainder(dividingBy: blocks)
        let columns = pieces[index]
        guard !columns.isEmpty else { return }
        let row = block * kernels.blockRows
        let rows = min(kernels.blockRows, output.rows - row)
        layer.withBias(from: columns.lowerBound) { bias in
            var operand = input.from(row)
            var epilogue = penstock_epilogue(
                is_rounded: output.precision == .bfloat16 ? 1 : 0, bias: bias, activation: activation,
                is_coarse: layer.precision == .float32 ? 0 : 1,
                residual: residual.map { UnsafePointer($0.base + row * $0.stride + columns.lowerBound) },
                residual_stride: residual?.stride ?? 0)
            let target = output.address(row, columns.lowerBound)
            switch layer.storage {
            case .numbers(let panels):
                panels.withPanel(of: columns) { panel in
                    if blocks == 1 {
                        panel.next = next(index)
                        panel.is_fetched = fetched.replace(with: panel.next, on: thread) == panel.units ? 1 : 0
                    }
                    kernels.table.pointee.matrix_product(
                        panels.precision.kernel, rows, columns.count, panels.units, &operand, &panel, target,
                        output.stride, &epilogue)
                }
            case .blocks(let panels):
                let (number, first) = columns.lowerBound.quotientAndRemainder(dividingBy: Linear.panelWidth)
                panels.withPanel(number, next: blocks == 1 ? next(index) : nil) { panel in
                    kernels.table.pointee.block_product(
                        rows, first, columns.count, BlockForm.count(layer.inputs), &operand, &panel, target,
                        output.stride, &epilogue)
                }
            }
        }
    }
}
