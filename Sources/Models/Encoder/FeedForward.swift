import PenstockCompute

/// What a layer computes for each row by itself behind attention: W₂·act(W₁·x), or where it is gated W₂·(act(a)·b) of the
/// halves a and b of W₁·x, in either order (Shazeer 2020, "GLU Variants Improve Transformer").
struct FeedForward: Sendable {
    let intermediate: Linear  // [I, H], or [2I, H] if it is gated
    let activation: Activation
    /// The half that is activated; nil if it is not gated.
    var activated: ColumnHalf?
    let output: Linear  // [H, I]

    /// result = W₂·(…) + residual, for rows of a block.
    ///
    /// - Parameter result: may be the input, and does not overlap the residual
    func forward(
        _ input: Matrix, residual: Matrix, into result: Matrix, on cpu: CPU, _ buffers: EncoderBuffers
    ) {
        let inner = cpu.local(buffers.intermediate, rows: input.rows)
        if let activated {
            let halves = cpu.local(buffers.halves, rows: input.rows)
            cpu.linear(input, intermediate, into: halves)
            cpu.gate(halves, activation: activation, activated: activated, into: inner)
        } else {
            cpu.linear(input, intermediate, activation: activation, into: inner)
        }
        cpu.linear(inner, output, residual: residual, into: result)
    }
}
