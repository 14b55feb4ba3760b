import CKernels

extension Linear {
    /// Writes the weights of an output as floats: a row of the table that a tied head shares with the embedding.
    ///
    /// - Precondition: there is such an output, and weights are not bytes.
    fileprivate func writeRow(_ output: Int, to target: UnsafeMutableBufferPointer<Float>) {
        precondition(output >= 0 && output < outputs && target.count == inputs && precision != .int8)
        let (index, column) = output.quotientAndRemainder(dividingBy: Self.panelWidth)
        guard let panel = units(ofPanel: index)?.assumingMemoryBound(to: UInt32.self) else { return }
        if precision == .float32 {
            for input in 0..<inputs {
                target[input] = Float(bitPattern: panel[input * Self.panelWidth + column])
            }
            return
        }
        for unit in 0..<units {
            let pair = panel[unit * Self.panelWidth + column]
            target[2 * unit] = Float(bitPattern: pair << 16)
            if 2 * unit + 1 < inputs { target[2 * unit + 1] = Float(bitPattern: pair & 0xFFFF_0000) }
        }
    }
}

extension CPU {
    /// output[i] = the weights of the layer's output ids[i]: an embedding whose table is that of a head.
    ///
    /// - Parameters:
    ///   - ids: one per row, all of them outputs of the layer: whoever takes ids from outside checks them
    ///   - layer: of float32 or bfloat16
    ///   - output: `[ids, layer.inputs]` of float32
    package func embed(_ ids: ArraySlice<Int32>, _ layer: Linear, into output: Matrix) {
        precondition(ids.count == output.rows && layer.inputs == output.columns)
        timed(.embedding) {
            for (row, id) in ids.enumerated() { layer.writeRow(Int(id), to: output.row(row)) }
        }
    }
}
