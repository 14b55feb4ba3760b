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
package final class Embedding: Sendable {
    /// The number of rows.
    package let count: Int
    let columns: Int
    private let storage: UnitStorage

    /// Reads the table out of a checkpoint.
    package init(_ weights: WeightMatrix, on cpu: CPU) {
        count = weights.rows
        columns = weights.columns
        storage = UnitStorage(count: count * columns)
        cpu.run(WideningJob(weights: weights, target: storage.base), chunks: WideningJob.chunks(weights))
    }

    /// The bytes of the table.
    package var bytes: Int { count * columns * MemoryLayout<Float>.stride }

    /// The first number of a row.
    ///
    /// - Precondition: there is such a row.
    func row(_ index: Int) -> UnsafePointer<Float> {
        precondition(index >= 0 && index < count)
        return UnsafePointer(storage.base + index * columns)
    }
}

/// A block of rows, as floats.
private struct WideningJob: ParallelJob {
    static let rows = 256
    static func chunks(_ weights: WeightMatrix) -> Int { (weights.rows + rows - 1) / rows }

    let weights: WeightMatrix
    let target: UnsafeMutablePointer<Float>

    func run(chunk: Int, thread: Int) {
        for row in chunk * Self.rows..<min((chunk + 1) * Self.rows, weights.rows) {
            weights.widenRow(row, into: target + row * weights.columns)
        }
    }
}
