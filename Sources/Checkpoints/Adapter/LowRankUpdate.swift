import Synchronization

/// The sum that is added to a weight: `scale · B · A`, a product of two narrow matrices (Hu et al. 2021, LoRA). Its
/// factors are read when they are first asked for, and kept as long as the update is.
final class LowRankUpdate: Sendable {
    /// Factors of which the update is the product.
    struct Factors: Sendable {
        /// `[rows, rank]`
        let left: [Float]
        /// `[rank, columns]`
        let right: [Float]
        let rank: Int
        let columns: Int

        /// Adds the elements of the product from one on, counted row by row, to as many sums.
        func add(from first: Int, to sums: UnsafeMutableBufferPointer<Float>) {
            var done = 0
            while done < sums.count {
                let (row, column) = (first + done).quotientAndRemainder(dividingBy: columns)
                let end = min(sums.count, done + columns - column)
                add(row: row, from: column, to: UnsafeMutableBufferPointer(rebasing: sums[done..<end]))
                done = end
            }
        }

        /// Adds the part of a row of the product that begins at a column.
        private func add(row: Int, from first: Int, to sums: UnsafeMutableBufferPointer<Float>) {
            right.withUnsafeBufferPointer { right in
                for index in 0..<rank {
                    let factor = left[row * rank + index]
                    let start = index * columns + first
                    for column in sums.indices { sums[column] += factor * right[start + column] }
                }
            }
        }
    }

    /// `[rank, inputs]`
    private let a: Tensor
    /// `[outputs, rank]`
    private let b: Tensor
    private let scale: Float
    /// True if the weight is stored as `[inputs, outputs]`, so that the transposed product is added.
    private let isTransposed: Bool
    private let rank: Int
    private let cache = Mutex<Factors?>(nil)

    /// - Precondition: the tensors are matrices of one rank above 0.
    init(a: Tensor, b: Tensor, scale: Float, isTransposed: Bool) {
        (self.a, self.b, self.scale, self.isTransposed) = (a, b, scale, isTransposed)
        rank = a.shape[0]
        precondition(a.shape.count == 2 && b.shape.count == 2 && b.shape[1] == rank && rank > 0)
    }

    /// The shape of the weight that it can be added to.
    var shape: [Int] { isTransposed ? [a.shape[1], b.shape[0]] : [b.shape[0], a.shape[1]] }

    /// The path of the file that holds the factors.
    var file: String { a.file }

    /// Bytes of the factors in memory.
    var byteCount: Int { (a.shape[1] + b.shape[0]) * rank * MemoryLayout<Float>.size }

    /// The factors of the product, whose left one is scaled. Whoever comes first reads them, and all others need them,
    /// too.
    func factors() throws(CheckpointError) -> Factors {
        try cache.withLock { (cache) throws(CheckpointError) in
            if let cache { return cache }
            let (inputs, outputs) = (a.shape[1], b.shape[0])
            let narrow = try a.floats(0..<rank * inputs)
            let wide = try b.floats(0..<outputs * rank)
            let factors =
                isTransposed
                ? Factors(
                    left: Self.transposed(narrow, rows: rank).map { $0 * scale },
                    right: Self.transposed(wide, rows: outputs), rank: rank, columns: outputs)
                : Factors(left: wide.map { $0 * scale }, right: narrow, rank: rank, columns: inputs)
            cache = factors
            return factors
        }
    }

    private static func transposed(_ matrix: [Float], rows: Int) -> [Float] {
        let columns = matrix.count / rows
        return (0..<columns).flatMap { column in (0..<rows).map { matrix[$0 * columns + column] } }
    }
}
