import CKernels

extension CPU {
    /// output[i] = layer normalisation of input[i]. Both are `[rows, columns]` of float32; output may be input.
    package func layerNorm(_ input: Matrix, _ layer: LayerNorm, into output: Matrix) {
        let (rows, chunks) = rowChunks(input)
        let job = NormJob(
            kernels: kernels, input: input, isCentered: true, weight: layer.weight, bias: layer.bias,
            epsilon: layer.epsilon, output: output, chunkRows: rows)
        normalise(job, chunks: chunks)
    }

    /// output[i] = input[i] divided by its root mean square. Both are `[rows, columns]` of float32; output may be input.
    package func rmsNorm(_ input: Matrix, _ layer: RMSNorm, into output: Matrix) {
        let (rows, chunks) = rowChunks(input)
        let job = NormJob(
            kernels: kernels, input: input, isCentered: false, weight: layer.weight, bias: nil, epsilon: layer.epsilon,
            output: output, chunkRows: rows)
        normalise(job, chunks: chunks)
    }

    private func normalise(_ job: NormJob, chunks: Int) {
        precondition(job.input.rows == job.output.rows && job.input.columns == job.output.columns)
        precondition(job.input.precision == .float32 && job.output.precision == .float32)
        precondition(job.weight?.count ?? job.input.columns == job.input.columns)
        precondition(job.bias?.count ?? job.input.columns == job.input.columns)
        timed(.normalisation) { run(job, chunks: chunks) }
    }
}

private struct NormJob: ParallelJob {
    let kernels: Kernels
    let input: Matrix
    /// True if the mean is subtracted.
    let isCentered: Bool
    let weight: [Float]?
    let bias: [Float]?
    let epsilon: Float
    let output: Matrix
    let chunkRows: Int

    func run(chunk: Int, thread: Int) {
        let rows = chunk * chunkRows..<min((chunk + 1) * chunkRows, input.rows)
        weight.withBase { weight in
            bias.withBase { bias in
                for row in rows {
                    let (x, y) = (input.base + row * input.stride, output.base + row * output.stride)
                    if isCentered {
                        kernels.table.pointee.layer_norm(input.columns, x, weight, bias, epsilon, y)
                    } else {
                        kernels.table.pointee.rms_norm(input.columns, x, weight, epsilon, y)
                    }
                }
            }
        }
    }
}

extension [Float]? {
    /// Lends the first element's address, or nil if there is no array.
    func withBase(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
