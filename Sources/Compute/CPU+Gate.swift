import CKernels

/// One half of the columns of a matrix.
package enum ColumnHalf: Sendable {
    case first
    case second
}

extension CPU {
    /// output = activation(a)·b of the halves of the input: a gated linear unit (Shazeer 2020), whose two products are one.
    ///
    /// - Parameters:
    ///   - input: `[rows, 2 × columns]` of float32
    ///   - activation: as `hidden_act` names it; where the output is of bfloat16, it may be off by 2e-5
    ///   - activated: the half that the activation is applied to, the other one is the factor: the first in ModernBERT, the
    ///     second in GTE
    ///   - output: `[rows, columns]` of float32 or bfloat16; of float32 it may be one half of the input
    package func gate(
        _ input: Matrix, activation: Activation, activated: ColumnHalf = .first, into output: Matrix
    ) {
        let width = output.columns
        precondition(input.rows == output.rows && input.columns == 2 * width && input.precision == .float32)
        precondition(input.hasWholeRows && output.hasWholeRows)
        let (first, second) = (input.columns(0..<width), input.columns(width..<2 * width))
        let chunks = rowChunks(input)
        let job = GateJob(
            kernels: kernels, input: activated == .first ? first : second,
            factor: activated == .first ? second : first, activation: activation.kernel, output: output,
            chunkRows: chunks.rows)
        timed(.activation) { run(job, chunks: chunks.count) }
    }
}

private struct GateJob: ParallelJob {
    let kernels: Kernels
    let input: Matrix
    let factor: Matrix
    let activation: penstock_activation
    let output: Matrix
    let chunkRows: Int

    func run(chunk: Int, thread: Int) {
        for row in chunk * chunkRows..<min((chunk + 1) * chunkRows, output.rows) {
            kernels.table.pointee.gate(
                output.columns, input.address(row, 0), factor.address(row, 0), activation,
                output.precision == .bfloat16 ? 1 : 0, output.address(row, 0))
        }
    }
}
