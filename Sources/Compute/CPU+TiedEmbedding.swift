extension Linear {
    /// Writes the weights of an output as floats: a row of the table that a tied head shares with the embedding.
    ///
    /// - Precondition: there is such an output, and weights are no bytes but in blocks.
    fileprivate func writeRow(_ output: Int, to target: UnsafeMutableBufferPointer<Float>) {
        precondition(output >= 0 && output < outputs && target.count == inputs)
        guard let base = target.baseAddress else { return }
        switch storage {
        case .numbers(let panels): panels.writeRow(output, to: target)
        case .blocks(let panels): panels.writeRow(output, to: base)
        }
    }
}

extension CPU {
    /// output[i] = the weights of the layer's output ids[i]: an embedding whose table is that of a head.
    ///
    /// - Parameters:
    ///   - ids: one per row, all of them outputs of the layer: whoever takes ids from outside checks them
    ///   - layer: of float32, of bfloat16, or in blocks
    ///   - output: `[ids, layer.inputs]` of float32
    package func embed(_ ids: ArraySlice<Int32>, _ layer: Linear, into output: Matrix) {
        precondition(ids.count == output.rows && layer.inputs == output.columns)
        timed(.embedding) {
            for (row, id) in ids.enumerated() { layer.writeRow(Int(id), to: output.row(row)) }
        }
    }
}
