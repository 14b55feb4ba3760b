import PenstockCompute

/// Rows of a step that pass a layer together.
struct DecoderGroup {
    let step: DecoderStep
    /// Its number in the step.
    let index: Int
    /// Its rows of the step.
    let rows: Range<Int>
    let memory: PageMemory
    let buffers: DecoderBuffers

    var hidden: Matrix { buffers.hidden.rows(rows) }
    var projected: Matrix { buffers.projections.rows(0..<rows.count) }
    var context: Matrix { buffers.context.rows(0..<rows.count) }
}
