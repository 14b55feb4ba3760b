import CKernels

extension CPU {
    /// places[i] = the column of the greatest number of row i, of equal ones the first; 0 if there is none above -∞.
    ///
    /// - Parameters:
    ///   - matrix: `[rows, columns]` of float32 without NaN
    ///   - places: one for each row
    package func findGreatest(_ matrix: Matrix, into places: UnsafeMutableBufferPointer<Int32>) {
        precondition(places.count == matrix.rows && matrix.precision == .float32 && matrix.columns <= Int(Int32.max))
        run(GreatestJob(kernels: kernels, matrix: matrix, places: places), chunks: matrix.rows)
    }
}

private struct GreatestJob: ParallelJob {
    let kernels: Kernels
    let matrix: Matrix
    let places: UnsafeMutableBufferPointer<Int32>

    func run(chunk: Int, thread: Int) {
        places[chunk] = Int32(
            kernels.table.pointee.place_of_greatest(matrix.columns, matrix.base + chunk * matrix.stride))
    }
}
