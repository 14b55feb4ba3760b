import CKernels

extension CPU {
    /// output[i] = layer normalisation of input[i]. Both are `[rows, columns]`; output may be input.
    package func layerNorm(_ input: Matrix, _ layer: LayerNorm, into output: Matrix) {
        precondition(input.rows == output.rows && input.columns == output.columns)
        precondition(layer.weight.count == input.columns)
        let chunks = rowChunks(input)
        pool.run(
            LayerNormJob(kernels: kernels, input: input, layer: layer, output: output, chunkRows: chunks.rows),
            chunks: chunks.count)
    }

    /// output[i] = table[ids[i]], or output[i] += table[ids[i]].
    ///
    /// - Parameters:
    ///   - ids: one per row of the output, all of them rows of the table: whoever takes ids from outside checks them
    ///   - adding: whether the rows are added to what is there
    ///   - output: `[ids, table.columns]`
    package func embed(_ ids: [Int32], _ table: Embedding, adding: Bool = false, into output: Matrix) {
        precondition(ids.count == output.rows && table.columns == output.columns)
        table.rows.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            for (row, id) in ids.enumerated() {
                precondition(id >= 0 && Int(id) < table.count)
                let source = base + Int(id) * table.columns
                let destination = output.base + row * output.stride
                if adding {
                    kernels.table.pointee.add(table.columns, source, destination)
                } else {
                    destination.update(from: source, count: table.columns)
                }
            }
        }
    }

    /// output[i] = input[rows[i]].
    package func gather(_ input: Matrix, rows: ArraySlice<Int>, into output: Matrix) {
        precondition(output.rows == rows.count && input.columns == output.columns)
        for (index, row) in rows.enumerated() { _ = output.row(index).update(fromContentsOf: input.row(row)) }
    }

    /// values = softmax(values) over all of them, at least one.
    package func softmax(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let base = values.baseAddress, !values.isEmpty else { return }
        kernels.table.pointee.softmax(values.count, base)
    }
}

private struct LayerNormJob: ParallelJob {
    let kernels: Kernels
    let input: Matrix
    let layer: LayerNorm
    let output: Matrix
    let chunkRows: Int

    func run(chunk: Int, thread: Int) {
        let first = chunk * chunkRows
        layer.weight.withUnsafeBufferPointer { weight in
            layer.bias.withUnsafeBufferPointer { bias in
                for row in first..<min(first + chunkRows, input.rows) {
                    kernels.table.pointee.layer_norm(
                        input.columns, input.base + row * input.stride, weight.baseAddress, bias.baseAddress,
                        layer.epsilon, output.base + row * output.stride)
                }
            }
        }
    }
}
