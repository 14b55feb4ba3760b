import CKernels

/// A rule for the numbers of a head that are a pair, which rotary positions turn.
package enum RotaryPairing: Sendable {
    /// i and i + pairs, as in Llama, GPT-NeoX and ModernBERT.
    case halves
    /// 2i and 2i + 1, as in GPT-J.
    case neighbours

    fileprivate var kernel: penstock_pairing {
        switch self {
        case .halves: penstock_pairing_halves
        case .neighbours: penstock_pairing_neighbours
        }
    }
}

extension CPU {
    /// Turns each pair (a, b) of each head by the angle of its row's position, in place: (a·cos - b·sin, b·cos + a·sin).
    ///
    /// - Parameters:
    ///   - matrix: queries or keys, `[rows, heads × headSize]` of float32 or bfloat16, as
    ///     ``attentionInput(rows:columns:shape:precision:from:)`` lays them out
    ///   - positions: one for each row, all of them in the table: whoever takes positions from outside checks them
    ///   - headSize: the length of one head's vectors, of which the first 2·pairs numbers are turned; even for bfloat16
    package func rotate(
        _ matrix: Matrix, positions: ArraySlice<Int32>, _ table: RotaryTable, headSize: Int,
        pairing: RotaryPairing = .halves
    ) {
        precondition(positions.count == matrix.rows && 2 * table.pairs <= headSize)
        precondition(matrix.columns.isMultiple(of: headSize))
        precondition(matrix.precision == .float32 || headSize.isMultiple(of: 2))
        let chunks = rowChunks(matrix)
        positions.withUnsafeBufferPointer { positions in
            let job = RotationJob(
                kernels: kernels, matrix: matrix, positions: positions, table: table, headSize: headSize,
                pairing: pairing, chunkRows: chunks.rows)
            timed(.attention) { run(job, chunks: chunks.count) }
        }
    }
}

private struct RotationJob: ParallelJob {
    let kernels: Kernels
    let matrix: Matrix
    let positions: UnsafeBufferPointer<Int32>
    let table: RotaryTable
    let headSize: Int
    let pairing: RotaryPairing
    let chunkRows: Int

    func run(chunk: Int, thread: Int) {
        for row in chunk * chunkRows..<min((chunk + 1) * chunkRows, matrix.rows) {
            let cosines = table.row(Int(positions[row]))
            var column = 0
            while column < matrix.columns {
                let together = matrix.adjacentColumns(from: column)
                precondition(together.isMultiple(of: headSize), "a head lies within a panel")
                var rotation = penstock_rotation(
                    precision: matrix.precision.kernel, pairing: pairing.kernel, heads: together / headSize,
                    head_size: headSize, pairs: table.pairs)
                kernels.table.pointee.rotate(
                    &rotation, cosines, cosines + table.pairs, matrix.address(row, column))
                column += together
            }
        }
    }
}
