import CKernels

/// One panel: its rows are read, rounded to the precision, and laid into columns.
struct PackingJob: ParallelJob {
    let kernels: Kernels
    let source: PackedMatrices
    let precision: Precision
    let panels: UnitStorage
    let scales: UnsafeMutableBufferPointer<Float>
    let sums: UnsafeMutableBufferPointer<Int32>
    let scratch: UnitStorage
    let error: FirstError

    /// The units of all rows of a panel and, unless they are floats, a block of rows before they are rounded.
    static func scratchUnits(_ inputs: Int, _ precision: Precision) -> Int {
        let block = precision == .float32 ? 0 : blockRows(inputs) * inputs
        return Linear.panelWidth * precision.units(inputs) + block
    }

    private static func blockRows(_ inputs: Int) -> Int {
        min(Linear.panelWidth, WeightMatrix.blockRows(columns: inputs))
    }

    func run(chunk: Int, thread: Int) { error.catching { try pack(chunk, thread: thread) } }

    private func pack(_ chunk: Int, thread: Int) throws {
        let inputs = source.inputs
        let units = precision.units(inputs)
        let rows = scratch.base + thread * Self.scratchUnits(inputs, precision)
        let first = chunk * Linear.panelWidth
        let columns = min(Linear.panelWidth, source.outputs - first)
        if precision == .float32 {
            try source.read(first..<first + columns, into: rows)
        } else {
            let block = rows + Linear.panelWidth * units
            let step = Self.blockRows(inputs)
            for start in stride(from: 0, to: columns, by: step) {
                let end = min(start + step, columns)
                try source.read(first + start..<first + end, into: block)
                for column in start..<end {
                    round(block + (column - start) * inputs, of: first + column, into: rows + column * units)
                }
            }
        }
        kernels.table.pointee.transpose(
            columns, units, rows, units, panels.base + first * units, Linear.panelWidth)
    }

    private func round(_ row: UnsafePointer<Float>, of output: Int, into target: UnsafeMutablePointer<Float>) {
        let inputs = source.inputs
        switch precision {
        case .float32: preconditionFailure("floats are not rounded")
        case .bfloat16: kernels.table.pointee.to_bfloat16(inputs, row, target)
        case .int8: kernels.table.pointee.to_int8_weights(inputs, row, target, &scales[output], &sums[output])
        }
    }
}
