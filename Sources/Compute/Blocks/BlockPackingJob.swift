import CKernels

/// One panel of blocks: those of its outputs are read, or made of their numbers, and laid side by side.
struct BlockPackingJob: ParallelJob {
    let source: PackedMatrices
    let panels: BlockPanels
    let format: WeightFormat
    let kernels: Kernels
    let scratch: UnitStorage
    let error: FirstError

    /// The units of scratch memory of a thread: the blocks of a panel's outputs, and the numbers of one output.
    static func scratchUnits(_ inputs: Int) -> Int { blockUnits(inputs) + (inputs + 15) / 16 * 16 }

    private static func blockUnits(_ inputs: Int) -> Int {
        Linear.panelWidth * BlockForm.count(inputs) * MemoryLayout<penstock_block>.stride / MemoryLayout<Float>.stride
    }

    /// The forms of the panels of some matrices side by side; nil if one of these is not stored in blocks.
    static func forms(_ matrices: [WeightMatrix], _ format: WeightFormat) -> [BlockForm]? {
        let outputs = matrices.reduce(0) { $0 + $1.rows }
        var forms = [BlockForm?](repeating: nil, count: Linear.panelCount(outputs))
        var start = 0
        for matrix in matrices where matrix.rows > 0 {
            guard let form = format.form(of: matrix) else { return nil }
            for panel in start / Linear.panelWidth...(start + matrix.rows - 1) / Linear.panelWidth {
                forms[panel] = forms[panel]?.joined(with: form) ?? form
            }
            start += matrix.rows
        }
        return forms.compactMap(\.self)
    }

    func run(chunk: Int, thread: Int) { error.catching { try pack(chunk, thread: thread) } }

    private func pack(_ panel: Int, thread: Int) throws {
        let (inputs, form) = (panels.inputs, panels.panels[panel].form)
        let count = BlockForm.count(inputs)
        let memory = scratch.base + thread * Self.scratchUnits(inputs)
        let numbers = memory + Self.blockUnits(inputs)
        let blocks = UnsafeMutableRawPointer(memory).bindMemory(
            to: penstock_block.self, capacity: Linear.panelWidth * count)
        let first = panel * Linear.panelWidth
        var column = 0
        try source.forEachMatrix(of: first..<first + Linear.panelWidth) { matrix, rows in
            guard let own = format.form(of: matrix) else { return }
            let target = UnsafeMutableBufferPointer(start: blocks + column * count, count: rows.count * count)
            if let stored = matrix.blocks {
                try stored.read(rows.lowerBound * count, UnsafeMutableRawBufferPointer(target))
            } else {
                for (index, row) in rows.enumerated() {
                    try matrix.readRows(row..<row + 1, into: numbers)
                    own.withKernelForm {
                        kernels.table.pointee.quantise_blocks($0, inputs, numbers, blocks + (column + index) * count)
                    }
                }
            }
            if own != form { for index in target.indices { own.convert(&target[index], to: form) } }
            column += rows.count
        }
        lay(blocks, columns: column, into: panel, form)
    }

    private func lay(
        _ blocks: UnsafeMutablePointer<penstock_block>, columns: Int, into panel: Int, _ form: BlockForm
    ) {
        guard let start = panels.start(ofPanel: panel) else { return }
        let (count, size) = (BlockForm.count(panels.inputs), form.panelBytes)
        let scales = panels.scales.base + panel * Linear.panelWidth
        for column in 0..<columns {
            let blocks = UnsafeBufferPointer(start: blocks + column * count, count: count)
            scales[column] = Self.commonFactor(of: blocks)
        }
        form.withKernelForm { form in
            for index in 0..<count {
                for column in 0..<columns {
                    penstock_pack_block(
                        form, blocks + column * count + index, scales[column], column, start + index * size)
                }
            }
        }
    }

    /// A power of two by which scales and offsets are divided, so that the largest is within half precision, and what is
    /// below that is of no account beside it.
    private static func commonFactor(of blocks: UnsafeBufferPointer<penstock_block>) -> Float {
        var largest: Float = 0
        for block in blocks {
            let scale = Swift.max(block.scale.0.magnitude, block.scale.1.magnitude)
            let offset = Swift.max(block.offset.0.magnitude, block.offset.1.magnitude)
            largest = Swift.max(largest, Swift.max(scale, offset))
        }
        guard largest > 0, largest.isFinite else { return 1 }
        return Float(sign: .plus, exponent: Swift.max(-149, Int(largest.exponent) - 14), significand: 1)
    }
}
