/// A normalisation of rows, of either kind.
package enum NormLayer: Sendable {
    case layer(LayerNorm)
    case rootMeanSquare(RMSNorm)
}

extension CPU {
    /// output[i] = the norm of input[i]. Both are `[rows, columns]` of float32; output may be input.
    package func normalise(_ input: Matrix, _ norm: NormLayer, into output: Matrix) {
        switch norm {
        case .layer(let norm): layerNorm(input, norm, into: output)
        case .rootMeanSquare(let norm): rmsNorm(input, norm, into: output)
        }
    }

    /// Normalises each head of each row by itself, in place.
    ///
    /// - Parameters:
    ///   - matrix: `[rows, heads × headSize]` of float32, whose rows lie one after the other
    ///   - norm: of vectors of headSize numbers
    package func normaliseHeads(_ matrix: Matrix, headSize: Int, _ norm: RMSNorm) {
        precondition(headSize > 0 && matrix.columns.isMultiple(of: headSize))
        let chunks = rowChunks(matrix)
        let job = HeadNormJob(
            kernels: kernels, matrix: matrix, headSize: headSize, norm: norm, chunkRows: chunks.rows)
        precondition(norm.weight.map { $0.count == headSize } ?? true)
        timed(.normalisation) { run(job, chunks: chunks.count) }
    }

    /// output += input, each `[rows, columns]` of float32.
    package func add(_ input: Matrix, into output: Matrix) {
        precondition(input.rows == output.rows && input.columns == output.columns)
        for row in 0..<input.rows {
            kernels.table.pointee.add(
                input.columns, input.base + row * input.stride, output.base + row * output.stride)
        }
    }

    /// matrix *= factor, of float32.
    package func multiply(_ matrix: Matrix, by factor: Float) {
        for row in 0..<matrix.rows {
            let numbers = matrix.row(row)
            for column in numbers.indices { numbers[column] *= factor }
        }
    }
}

extension CPU {
    /// x = cap·tanh(x / cap) for each number of a matrix of float32, in place.
    package func softcap(_ matrix: Matrix, at cap: Float) {
        let job = SoftcapJob(kernels: kernels, matrix: matrix, cap: cap)
        timed(.activation) { run(job, chunks: matrix.rows * job.pieces) }
    }
}

/// A piece of a row.
private struct SoftcapJob: ParallelJob {
    static let pieceColumns = 8192

    let kernels: Kernels
    let matrix: Matrix
    let cap: Float

    var pieces: Int { (matrix.columns + Self.pieceColumns - 1) / Self.pieceColumns }

    func run(chunk: Int, thread: Int) {
        let (row, piece) = chunk.quotientAndRemainder(dividingBy: pieces)
        let columns = piece * Self.pieceColumns..<min((piece + 1) * Self.pieceColumns, matrix.columns)
        let numbers = UnsafeMutableBufferPointer(rebasing: matrix.row(row)[columns])
        guard let base = numbers.baseAddress else { return }
        for index in numbers.indices { numbers[index] /= cap }
        kernels.table.pointee.activate(numbers.count, base, Activation.tanh.kernel, base)
        for index in numbers.indices { numbers[index] *= cap }
    }
}

private struct HeadNormJob: ParallelJob {
    let kernels: Kernels
    let matrix: Matrix
    let headSize: Int
    let norm: RMSNorm
    let chunkRows: Int

    func run(chunk: Int, thread: Int) {
        norm.weight.withBase { weight in
            for row in chunk * chunkRows..<min((chunk + 1) * chunkRows, matrix.rows) {
                for column in stride(from: 0, to: matrix.columns, by: headSize) {
                    let numbers = matrix.address(row, column)
                    kernels.table.pointee.rms_norm(headSize, numbers, weight, norm.epsilon, numbers)
                }
            }
        }
    }
}
