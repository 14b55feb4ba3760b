/// A table of rows that are looked up by number: `[count, columns]`.
package final class Embedding: Sendable {
    /// The number of rows.
    package let count: Int
    let columns: Int
    private let storage: UnitStorage

    /// Reads the table out of a checkpoint.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory, what reading the weights throws, and what waiting for a
    ///   turn throws.
    package init(_ weights: WeightMatrix, in turns: ComputeTurns) throws {
        count = weights.rows
        columns = weights.columns
        storage = try UnitStorage(ofModel: count * columns)
        let job = ReadingJob(weights: weights, target: storage.base, error: FirstError())
        try turns.forEachSlice(of: (count + job.rows - 1) / job.rows) { chunks in
            try weights.fetchRows(job.rows(of: chunks))
        } _: { chunks, cpu in
            cpu.run(ShiftedJob(job: job, first: chunks.lowerBound), chunks: chunks.count)
            try job.error.rethrow()
        }
    }

    /// A table of so many rows that nobody looks anything up in, to see what it takes.
    package init(planned count: Int, columns: Int) {
        (self.count, self.columns) = (count, columns)
        storage = .planned
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

    func rows(of chunks: Range<Int>) -> Range<Int> {
        chunks.lowerBound * rows..<min(chunks.upperBound * rows, weights.rows)
    }

    func run(chunk: Int, thread: Int) {
        let rows = rows(of: chunk..<chunk + 1)
        error.catching { try weights.readRows(rows, into: target + rows.lowerBound * weights.columns) }
    }
}
