import PenstockCompute

/// The part of a layer that computes each row by itself behind attention: W₂·act(W₁·x), or where it is gated
/// W₂·(act(a)·b) of the halves a and b of W₁·x, in either order (Shazeer 2020, "GLU Variants Improve Transformer").
struct FeedForward: Sendable {
    let intermediate: Linear  // [I, H], or [2I, H] if it is gated
    let activation: Activation
    /// The half that is activated; nil if it is not gated.
    var activated: ColumnHalf?
    let output: Linear  // [H, I]

    /// The memory for what is between its products: for each lane the rows of a block.
    struct Buffers {
        let intermediate: Matrix  // [L, I]
        let halves: Matrix  // [L, 2I] if it is gated

        init(size: Int, isGated: Bool, precision: Precision, on cpu: CPU, from workspace: Workspace) {
            intermediate = cpu.localMatrix(columns: size, precision: precision, from: workspace)
            halves = cpu.localMatrix(columns: isGated ? 2 * size : 0, from: workspace)
        }
    }

    /// result = W₂·(…) + residual, for rows of a block.
    ///
    /// - Parameters:
    ///   - residual: nil for none
    ///   - result: may be the input, and does not overlap the residual
    func forward(_ input: Matrix, residual: Matrix?, into result: Matrix, on cpu: CPU, _ buffers: Buffers) {
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
