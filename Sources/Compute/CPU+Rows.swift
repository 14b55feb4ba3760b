import CKernels

extension CPU {
    /// output[i] = table[ids[i]], or output[i] += table[ids[i]].
    ///
    /// - Parameters:
    ///   - ids: one per row of the output, all of them rows of the table: whoever takes ids from outside checks them
    ///   - first: the row of the table that is id 0's
    ///   - adding: whether the rows are added to what is there
    ///   - output: `[ids, table.columns]`
    package func embed(
        _ ids: ArraySlice<Int32>, _ table: Embedding, from first: Int32 = 0, adding: Bool = false, into output: Matrix
    ) {
        precondition(ids.count == output.rows && table.columns == output.columns)
        timed(.embedding) {
            for (row, id) in ids.enumerated() {
                let source = table.row(Int(id) + Int(first))
                let destination = output.base + row * output.stride
                if adding {
                    kernels.table.pointee.add(table.columns, source, destination)
                } else {
                    destination.update(from: source, count: table.columns)
                }
            }
        }
    }

    /// output[i] = input[rows[i] - origin]. The output may be the first rows of the input if the rows ascend.
    ///
    /// - Parameter origin: what `rows` calls the first row of the input.
    package func gather(_ input: Matrix, rows: ArraySlice<Int>, from origin: Int = 0, into output: Matrix) {
        precondition(output.rows == rows.count && input.columns == output.columns)
        precondition(input.precision == output.precision && input.hasWholeRows && output.hasWholeRows)
        for (index, row) in rows.enumerated() {
            precondition(row >= origin && row - origin < input.rows)
            output.address(index, 0).update(
                from: input.address(row - origin, 0), count: input.precision.units(input.columns))
        }
    }

    /// output = the mean of the rows of the input, which are added up in their order.
    ///
    /// - Parameters:
    ///   - input: `[rows, columns]` of float32, at least one row
    ///   - output: `[1, columns]` of float32; it may be the first row of the input, and no other
    package func mean(_ input: Matrix, into output: Matrix) {
        precondition(input.rows > 0 && output.rows == 1 && input.columns == output.columns)
        precondition(input.precision == .float32 && output.precision == .float32)
        let sum = output.row(0)
        guard let base = sum.baseAddress else { return }
        if base != input.base { base.update(from: input.base, count: input.columns) }
        for row in 1..<max(1, input.rows) {
            kernels.table.pointee.add(input.columns, input.base + row * input.stride, base)
        }
        for column in sum.indices { sum[column] /= Float(input.rows) }
    }

    /// values = activation(values), each by itself.
    package func activate(_ values: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
        guard let base = values.baseAddress else { return }
        kernels.table.pointee.activate(values.count, base, activation.kernel, base)
    }

    /// values = softmax(values) over all of them, at least one.
    package func softmax(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let base = values.baseAddress, !values.isEmpty else { return }
        kernels.table.pointee.softmax(values.count, base)
    }
}

extension Kernels {
    /// The softmax over some values, for whoever has no processor at hand.
    package func softmax(_ values: [Float]) -> [Float] {
        var values = values
        values.withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress, !values.isEmpty else { return }
            table.pointee.softmax(values.count, base)
        }
        return values
    }
}

extension CPU {
    /// Chunks of rows for jobs that touch each element a few times; small jobs are one chunk, which the caller runs.
    func rowChunks(_ matrix: Matrix) -> (rows: Int, count: Int) {
        let floatsWorthAChunk = 1 << 15
        let rows = max(1, floatsWorthAChunk / max(1, matrix.columns))
        return (rows, (matrix.rows + rows - 1) / rows)
    }
}
