/// Matrices side by side, which become the panels of a layer.
struct PackedMatrices: Sendable {
    let matrices: [WeightMatrix]
    /// Length of an input row.
    let inputs: Int
    /// The outputs of all matrices.
    let outputs: Int

    /// - Precondition: there is a matrix, and all have the same number of columns.
    init(_ matrices: [WeightMatrix]) {
        precondition(!matrices.isEmpty && matrices.allSatisfy { $0.columns == matrices[0].columns })
        self.matrices = matrices
        inputs = matrices[0].columns
        outputs = matrices.reduce(0) { $0 + $1.rows }
    }

    /// Reads the weights of a range of panels from their file, so that they can be packed without waiting for it.
    func fetch(_ panels: Range<Int>) throws {
        try forEachMatrix(of: panels.lowerBound * Linear.panelWidth..<panels.upperBound * Linear.panelWidth) {
            try $0.fetchRows($1)
        }
    }

    /// Writes the weights of some outputs as floats, wherever they lie.
    func read(_ outputs: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
        var target = target
        try forEachMatrix(of: outputs) { matrix, rows in
            try matrix.readRows(rows, into: target)
            target += rows.count * matrix.columns
        }
    }

    /// Lends the matrices that the weights of some outputs lie in, and which rows of them these are.
    func forEachMatrix(of outputs: Range<Int>, _ body: (WeightMatrix, Range<Int>) throws -> Void) rethrows {
        var start = 0
        for matrix in matrices {
            let part = outputs.clamped(to: start..<start + matrix.rows)
            if !part.isEmpty { try body(matrix, part.lowerBound - start..<part.upperBound - start) }
            start += matrix.rows
        }
    }

    /// Has a job pack each panel, as many in a turn as take a turn's time.
    ///
    /// - Parameter error: that of the job
    func pack(with job: some ParallelJob, _ error: FirstError, in turns: ComputeTurns) throws {
        try turns.forEachSlice(of: Linear.panelCount(outputs)) { range in
            try fetch(range)
        } _: { range, cpu in
            cpu.run(ShiftedJob(job: job, first: range.lowerBound), chunks: range.count)
            try error.rethrow()
        }
    }
}
