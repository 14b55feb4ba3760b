import CKernels

/// The weights of y = x·Wᵀ + b in the order in which the kernels read them: `[outputs / 64][units of inputs][64]`.
package final class Linear: @unchecked Sendable {
    // Safe to share: written by the initializer alone.

    /// Length of an input row.
    package let inputs: Int
    /// Length of an output row.
    package let outputs: Int
    /// The precision in which weights and inputs are stored in the product.
    package let precision: Precision
    /// Units of an input row.
    let units: Int
    private let panels: UnitStorage
    private let bias: [Float]?
    /// Of whole panels; empty unless the weights are bytes.
    private let scales: [Float]
    private let sums: [Int32]

    package static let panelWidth = Int(PENSTOCK_PANEL)
    package static func panelCount(_ outputs: Int) -> Int { (outputs + panelWidth - 1) / panelWidth }

    /// The bytes of the packed weights.
    package var bytes: Int { Self.panelCount(outputs) * units * Self.panelWidth * MemoryLayout<Float>.stride }

    /// The bytes of all that the layer holds.
    package var residentBytes: Int {
        bytes + ((bias?.count ?? 0) + scales.count + sums.count) * MemoryLayout<Float>.stride
    }

    /// Packs weights of shape `[outputs, inputs]`. Several matrices are laid side by side, as one layer with the
    /// outputs of the first, then of the second, and so on.
    ///
    /// - Precondition: there is a matrix, all have the same number of columns, and the biases, if any, have a value
    ///   for each output.
    /// - Throws: ``ResourceError`` if there is not as much memory, what reading the weights throws, and what waiting for a
    ///   turn throws.
    package init(
        _ weights: [WeightMatrix], bias: [Float]? = nil, precision: Precision = .float32, in turns: ComputeTurns
    ) throws {
        precondition(!weights.isEmpty && weights.allSatisfy { $0.columns == weights[0].columns })
        inputs = weights[0].columns
        outputs = weights.reduce(0) { $0 + $1.rows }
        precondition(bias == nil || bias?.count == outputs)
        // Beyond that a sum of bytes might not fit 32 bits.
        let precision = precision == .int8 && inputs > 1 << 16 ? .bfloat16 : precision
        self.precision = precision
        self.bias = bias
        units = precision.units(inputs)
        let count = Self.panelCount(outputs)
        let panels = try UnitStorage(count: count * units * Self.panelWidth)
        self.panels = panels
        let columns = precision == .int8 ? count * Self.panelWidth : 0
        var scales = [Float](repeating: 0, count: columns)
        var sums = [Int32](repeating: 0, count: columns)
        let scratch = try UnitStorage(count: turns.threads * PackingJob.scratchUnits(inputs, precision))
        try scales.withUnsafeMutableBufferPointer { scales in
            try sums.withUnsafeMutableBufferPointer { sums in
                let job = PackingJob(
                    kernels: turns.kernels, weights: weights, precision: precision, panels: panels,
                    scales: scales, sums: sums, scratch: scratch, error: FirstError())
                try turns.forEachSlice(of: count) { range in
                    try job.fetch(range)
                } _: { range, cpu in
                    cpu.run(ShiftedJob(job: job, first: range.lowerBound), chunks: range.count)
                    try job.error.rethrow()
                }
            }
        }
        self.scales = scales
        self.sums = sums
    }

    /// A layer of so many inputs and outputs that is never computed, to see what it takes.
    package init(planned inputs: Int, outputs: Int, hasBias: Bool, precision: Precision) {
        let precision = precision == .int8 && inputs > 1 << 16 ? .bfloat16 : precision
        (self.inputs, self.outputs, self.precision) = (inputs, outputs, precision)
        units = precision.units(inputs)
        panels = .planned
        bias = hasBias ? Array(repeating: 0, count: outputs) : nil
        let columns = precision == .int8 ? Self.panelCount(outputs) * Self.panelWidth : 0
        scales = Array(repeating: 0, count: columns)
        sums = Array(repeating: 0, count: columns)
    }

    /// Returns the start of a panel, or nil if there is none of this number.
    func units(ofPanel index: Int) -> UnsafeRawPointer? {
        guard index >= 0, index < Self.panelCount(outputs) else { return nil }
        return UnsafeRawPointer(panels.base + index * Self.panelWidth * units)
    }

    /// Lends columns of a panel, and their biases, if there are any.
    func withPanel<Result>(
        of columns: Range<Int>, _ body: (inout penstock_panel, UnsafePointer<Float>?) -> Result
    ) -> Result {
        let (index, rest) = columns.lowerBound.quotientAndRemainder(dividingBy: Self.panelWidth)
        let column = columns.lowerBound
        return scales.withUnsafeBufferPointer { scales in
            sums.withUnsafeBufferPointer { sums in
                var panel = penstock_panel(
                    units: panels.base + index * Self.panelWidth * units + rest,
                    scale: scales.baseAddress.map { $0 + column }, sum: sums.baseAddress.map { $0 + column }, next: nil,
                    is_fetched: 0)
                if precision != .int8 { (panel.scale, panel.sum) = (nil, nil) }
                guard let bias else { return body(&panel, nil) }
                return bias.withUnsafeBufferPointer { body(&panel, $0.baseAddress.map { $0 + column }) }
            }
        }
    }
}

/// One panel: its rows are read, rounded to the precision, and laid into columns.
private struct PackingJob: ParallelJob {
    let kernels: Kernels
    let weights: [WeightMatrix]
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

    /// Reads the weights of a range of panels from their file, so that they can be packed without waiting for it.
    func fetch(_ panels: Range<Int>) throws {
        try forEachMatrix(of: panels.lowerBound * Linear.panelWidth..<panels.upperBound * Linear.panelWidth) {
            try $0.fetchRows($1)
        }
    }

    func run(chunk: Int, thread: Int) { error.catching { try pack(chunk, thread: thread) } }

    private func pack(_ chunk: Int, thread: Int) throws {
        let inputs = weights[0].columns
        let units = precision.units(inputs)
        let rows = scratch.base + thread * Self.scratchUnits(inputs, precision)
        let first = chunk * Linear.panelWidth
        let columns = min(Linear.panelWidth, weights.reduce(0) { $0 + $1.rows } - first)
        if precision == .float32 {
            try read(first..<first + columns, into: rows)
        } else {
            let block = rows + Linear.panelWidth * units
            let step = Self.blockRows(inputs)
            for start in stride(from: 0, to: columns, by: step) {
                let end = min(start + step, columns)
                try read(first + start..<first + end, into: block)
                for column in start..<end {
                    round(block + (column - start) * inputs, of: first + column, into: rows + column * units)
                }
            }
        }
        kernels.table.pointee.transpose(
            columns, units, rows, units, panels.base + first * units, Linear.panelWidth)
    }

    private func round(_ row: UnsafePointer<Float>, of output: Int, into target: UnsafeMutablePointer<Float>) {
        let inputs = weights[0].columns
        switch precision {
        case .float32: preconditionFailure("floats are not rounded")
        case .bfloat16: kernels.table.pointee.to_bfloat16(inputs, row, target)
        case .int8: kernels.table.pointee.to_int8_weights(inputs, row, target, &scales[output], &sums[output])
        }
    }

    /// Writes the weights of some outputs as floats, wherever they lie.
    private func read(_ outputs: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
        var target = target
        try forEachMatrix(of: outputs) { matrix, rows in
            try matrix.readRows(rows, into: target)
            target += rows.count * matrix.columns
        }
    }

    /// Lends the matrices that the weights of some outputs lie in, and which rows of them these are.
    private func forEachMatrix(of outputs: Range<Int>, _ body: (WeightMatrix, Range<Int>) throws -> Void) rethrows {
        var start = 0
        for matrix in weights {
            let part = outputs.clamped(to: start..<start + matrix.rows)
            if !part.isEmpty { try body(matrix, part.lowerBound - start..<part.upperBound - start) }
            start += matrix.rows
        }
    }
}
