import CKernels

/// Projections of the embeddings of positions, packed in panels for each head.
struct PositionRows {
    private let source: DisentangledTable.Source
    private let count: Int
    private let shape: AttentionShape
    private let precision: Precision

    /// - Precondition: there are `count` embeddings.
    init(_ source: DisentangledTable.Source, count: Int, shape: AttentionShape, precision: Precision) {
        precondition(count > 0 && source.embeddings.count.isMultiple(of: count))
        (self.source, self.count, self.shape, self.precision) = (source, count, shape, precision)
    }

    private var hiddenSize: Int { source.embeddings.count / count }
    private var panelUnits: Int { precision.units(shape.headSize) * Linear.panelWidth }

    /// Returns what a layer makes of the embeddings, `[heads][count / 64][units of headSize][64]`.
    func panels(_ layer: Linear, in turns: ComputeTurns) throws -> UnitStorage {
        precondition(layer.outputs == shape.heads * shape.headSize)
        let panels = try UnitStorage(ofModel: shape.heads * Linear.panelCount(count) * panelUnits)
        let width = Linear.panelWidth
        func matrices(_ workspace: Workspace) -> (input: Matrix, output: Matrix, head: Matrix) {
            (
                workspace.matrix(rows: width, columns: hiddenSize),
                workspace.matrix(rows: width, columns: layer.outputs),
                workspace.matrix(rows: width, columns: shape.headSize, precision: precision)
            )
        }
        let workspace = try Workspace { _ = matrices($0) }
        try turns.forEachSlice(of: Linear.panelCount(count)) { _ in
        } _: { range, cpu in
            for panel in range {
                workspace.reset()
                let (input, output, head) = matrices(workspace)
                let rows = min(width, count - panel * width)
                read(panel * width..<panel * width + rows, into: input)
                if let norm = source.norm { cpu.layerNorm(input.rows(0..<rows), norm, into: input.rows(0..<rows)) }
                cpu.linear(input.rows(0..<rows), layer, into: output.rows(0..<rows))
                for index in 0..<shape.heads {
                    pack(output.rows(0..<rows), head: index, panel, head, into: panels, cpu.kernels)
                }
            }
        }
        return panels
    }

    private func read(_ rows: Range<Int>, into input: Matrix) {
        for (row, position) in rows.enumerated() {
            _ = input.row(row).update(
                fromContentsOf: source.embeddings[position * hiddenSize..<(position + 1) * hiddenSize])
        }
    }

    private func pack(
        _ rows: Matrix, head index: Int, _ panel: Int, _ head: Matrix, into panels: UnitStorage, _ kernels: Kernels
    ) {
        let operand = Operand(head)
        for row in 0..<rows.rows {
            operand.round(
                row, shape.headSize, rows.address(row, index * shape.headSize), to: .numbers(precision), kernels)
        }
        kernels.table.pointee.transpose(
            rows.rows, precision.units(shape.headSize), head.base, head.stride,
            panels.base + (index * Linear.panelCount(count) + panel) * panelUnits, Linear.panelWidth)
    }
}
