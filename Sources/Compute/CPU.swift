/// The operations that models are made of, on the processor's cores.
///
/// Architectures speak in these and in nothing below them. All operations work on packed rows, write their whole
/// result, and allocate nothing. One thread at a time may use a `CPU`.
package final class CPU: Sendable {
    let kernels: Kernels
    /// The threads that share an operation.
    package let pool: ThreadPool

    /// The threads that an operation runs on.
    package var threads: Int { pool.threads }

    /// - Parameters:
    ///   - threads: how many threads share an operation, the caller's included; at least 1.
    ///   - kernels: the instruction set.
    package init(threads: Int, kernels: Kernels = .best) {
        self.kernels = kernels
        pool = ThreadPool(threads: threads)
    }

    /// Chunks of rows for jobs that touch each element a few times; small jobs are one chunk, which the caller runs.
    func rowChunks(_ matrix: Matrix) -> (rows: Int, count: Int) {
        let floatsWorthAChunk = 8192
        let rows = max(1, floatsWorthAChunk / max(1, matrix.columns))
        return (rows, (matrix.rows + rows - 1) / rows)
    }
}
