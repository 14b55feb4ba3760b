import CKernels

/// The weights of a layer as numbers of a precision: `[outputs / 64][units of inputs][64]`, as the kernels read them.
final class NumberPanels: @unchecked Sendable {
    // Safe to share: written by the initializer alone.
    let precision: Precision
    /// Units of an input row.
    let units: Int
    /// The bytes of the weights.
    let bytes: Int
    private let storage: UnitStorage
    /// Of whole panels; empty unless the weights are bytes.
    let scales: [Float]
    let sums: [Int32]

    /// Packs matrices.
    init(_ matrices: PackedMatrices, _ precision: Precision, in turns: ComputeTurns) throws {
        let (inputs, count) = (matrices.inputs, Linear.panelCount(matrices.outputs))
        self.precision = precision
        units = precision.units(inputs)
        bytes = count * units * Linear.panelWidth * MemoryLayout<Float>.stride
        let storage = try UnitStorage(ofModel: count * units * Linear.panelWidth)
        self.storage = storage
        let columns = precision == .int8 ? count * Linear.panelWidth : 0
        var scales = [Float](repeating: 0, count: columns)
        var sums = [Int32](repeating: 0, count: columns)
        let scratch = try turns.scratch(units: turns.threads * PackingJob.scratchUnits(inputs, precision))
        try scales.withUnsafeMutableBufferPointer { scales in
            try sums.withUnsafeMutableBufferPointer { sums in
                let job = PackingJob(
                    kernels: turns.kernels, source: matrices, precision: precision, panels: storage, scales: scales,
                    sums: sums, scratch: scratch, error: FirstError())
                try matrices.pack(with: job, job.error, in: turns)
            }
        }
        self.scales = scales
        self.sums = sums
    }

    /// Panels that are never computed, to see what they take.
    init(planned inputs: Int, outputs: Int, _ precision: Precision) {
        self.precision = precision
        units = precision.units(inputs)
        let count = Linear.panelCount(outputs)
        bytes = count * units * Linear.panelWidth * MemoryLayout<Float>.stride
        storage = .planned
        let columns = precision == .int8 ? count * Linear.panelWidth : 0
        scales = Array(repeating: 0, count: columns)
        sums = Array(repeating: 0, count: columns)
    }

    /// The start of a panel.
    func start(ofPanel index: Int) -> UnsafeMutablePointer<Float> { storage.base + index * Linear.panelWidth * units }

    /// Lends columns of a panel, counted over all panels.
    func withPanel<Result>(of columns: Range<Int>, _ body: (inout penstock_panel) -> Result) -> Result {
        let (index, rest) = columns.lowerBound.quotientAndRemainder(dividingBy: Linear.panelWidth)
        let column = columns.lowerBound
        return scales.withUnsafeBufferPointer { scales in
            sums.withUnsafeBufferPointer { sums in
                var panel = penstock_panel(
                    units: start(ofPanel: index) + rest, scale: scales.baseAddress.map { $0 + column },
                    sum: sums.baseAddress.map { $0 + column }, next: nil, is_fetched: 0)
                if precision != .int8 { (panel.scale, panel.sum) = (nil, nil) }
                return body(&panel)
            }
        }
    }

    /// Writes the weights of an output as floats.
    ///
    /// - Precondition: there is such an output, and weights are not bytes.
    func writeRow(_ output: Int, to target: UnsafeMutableBufferPointer<Float>) {
        precondition(precision != .int8)
        let (index, column) = output.quotientAndRemainder(dividingBy: Linear.panelWidth)
        let panel = UnsafeRawPointer(start(ofPanel: index)).assumingMemoryBound(to: UInt32.self)
        if precision == .float32 {
            for input in target.indices {
                target[input] = Float(bitPattern: panel[input * Linear.panelWidth + column])
            }
            return
        }
        for unit in 0..<units {
            let pair = panel[unit * Linear.panelWidth + column]
            target[2 * unit] = Float(bitPattern: pair << 16)
            if 2 * unit + 1 < target.count { target[2 * unit + 1] = Float(bitPattern: pair & 0xFFFF_0000) }
        }
    }
}
