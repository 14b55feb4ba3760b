/// A table of rows that are looked up by number: `[count, columns]`.
package final class Embedding: Sendable {
    /// The number of rows.
    package let count: Int
    let columns: Int
    private let storage: UnitStorage

    /// Reads the table out of a checkpoint.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory, and what reading the weights throws.
    package init(_ weights: WeightMatrix, on cpu: CPU) throws {
        count = weights.rows
        columns = weights.columns
        storage = try UnitStorage(count: count * columns)
        let job = ReadingJob(weights: weights, target: storage.base, error: FirstError())
        cpu.run(job, chunks: (count + job.rows - 1) / job.rows)
        try job.error.rethrow()
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
private struct ReadingJob: ParallelJob {
    let weights: WeightMatrix
    let target: UnsafeMutablePointer<Float>
    let error: FirstError

    var rows: Int { WeightMatrix.blockRows(columns: weights.columns) }

    func run(chunk: Int, thread: Int) {
        let rows = chunk * rows..<min((chunk + 1) * rows, weights.rows)
        error.catching { try weights.readRows(rows, into: target + rows.lowerBound * weights.columns) }
    }
}
