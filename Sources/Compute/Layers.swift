import CKernels

/// The weights of y = x·Wᵀ + b in the order in which the kernels read them: `[outputs / 64][inputs][64]`.
package final class Linear: Sendable {
    /// Length of an input row.
    package let inputs: Int
    /// Length of an output row.
    package let outputs: Int
    package let panels: FloatStorage
    package let bias: [Float]?

    package static let panelWidth = Int(PENSTOCK_PANEL)
    package static func panelCount(_ outputs: Int) -> Int { (outputs + panelWidth - 1) / panelWidth }

    /// Packs weights of shape `[outputs, inputs]`. Several matrices are laid side by side, as one layer with the
    /// outputs of the first, then of the second, and so on.
    ///
    /// - Precondition: there is a matrix, all have the same number of columns, and the biases, if any, have a value
    ///   for each output.
    package init(_ weights: [WeightMatrix], bias: [Float]? = nil) {
        precondition(!weights.isEmpty && weights.allSatisfy { $0.columns == weights[0].columns })
        inputs = weights[0].columns
        outputs = weights.reduce(0) { $0 + $1.rows }
        precondition(bias == nil || bias?.count == outputs)
        self.bias = bias
        panels = FloatStorage(count: Self.panelCount(outputs) * inputs * Self.panelWidth)
        pack(weights)
    }

    private func pack(_ weights: [WeightMatrix]) {
        let width = Self.panelWidth
        let rows = FloatStorage(count: width * inputs)
        var packed = 0
        for matrix in weights {
            var row = 0
            while row < matrix.rows {
                let column = packed % width
                let count = min(width - column, matrix.rows - row)
                for index in 0..<count { matrix.widenRow(row + index, into: rows.base + index * inputs) }
                let panel = panels.base + packed / width * inputs * width + column
                penstock_transpose(count, inputs, rows.base, inputs, panel, width)
                packed += count
                row += count
            }
        }
    }
}

/// Gain and shift of a layer normalisation, each of the length of a row.
package struct LayerNorm: Sendable {
    let weight: [Float]
    let bias: [Float]
    let epsilon: Float

    /// - Precondition: both have the same length.
    package init(weight: [Float], bias: [Float], epsilon: Float) {
        precondition(weight.count == bias.count)
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }
}

/// A table of rows that are looked up by number: `[count, columns]`.
package struct Embedding: Sendable {
    /// The number of rows.
    package let count: Int
    let columns: Int
    let rows: [Float]

    /// Reads the table out of a checkpoint.
    package init(_ weights: WeightMatrix) {
        count = weights.rows
        columns = weights.columns
        rows = weights.floats()
    }
}

/// Floats on page boundaries, zero at first.
package final class FloatStorage: @unchecked Sendable {
    // Safe to share: written by the initializer that owns it, before anybody else has it.
    package let base: UnsafeMutablePointer<Float>

    init(count: Int) {
        base =
            UnsafeMutableRawPointer
            .allocate(byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 4096)
            .bindMemory(to: Float.self, capacity: max(1, count))
        base.initialize(repeating: 0, count: max(1, count))
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
