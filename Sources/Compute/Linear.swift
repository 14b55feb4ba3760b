import CKernels

/// The weights of y = x·Wᵀ + b in the order in which the kernels read them, in panels of 64 outputs.
package final class Linear: Sendable {
    /// The weights.
    enum Storage: Sendable {
        case numbers(NumberPanels)
        case blocks(BlockPanels)
    }

    /// A form of the inputs of a product.
    enum InputForm: Sendable, Hashable {
        /// Numbers of a precision.
        case numbers(Precision)
        /// Bytes in blocks with a scale each.
        case blocks
    }

    /// Length of an input row.
    package let inputs: Int
    /// Length of an output row.
    package let outputs: Int
    let storage: Storage
    private let bias: [Float]?

    package static let panelWidth = Int(PENSTOCK_PANEL)
    package static func panelCount(_ outputs: Int) -> Int { (outputs + panelWidth - 1) / panelWidth }

    /// The precision in which weights and inputs are stored in the product; nil if they are in blocks.
    package var precision: Precision? {
        switch storage {
        case .numbers(let panels): panels.precision
        case .blocks: nil
        }
    }

    /// The form in which the product takes its inputs.
    var inputForm: InputForm { precision.map { .numbers($0) } ?? .blocks }

    /// The bytes of the packed weights.
    package var bytes: Int {
        switch storage {
        case .numbers(let panels): panels.bytes
        case .blocks(let panels): panels.bytes
        }
    }

    /// The bytes of all that the layer holds.
    package var residentBytes: Int {
        let besides =
            switch storage {
            case .numbers(let panels): panels.scales.count + panels.sums.count
            case .blocks(let panels): panels.panels.count * Self.panelWidth
            }
        return bytes + ((bias?.count ?? 0) + besides) * MemoryLayout<Float>.stride
    }

    /// Packs weights of shape `[outputs, inputs]`. Several matrices are laid side by side, as one layer with the
    /// outputs of the first, then of the second, and so on.
    ///
    /// - Precondition: there is a matrix, all have the same number of columns, and the biases, if any, have a value
    ///   for each output.
    /// - Throws: ``ResourceError`` if there is not as much memory, what reading the weights throws, and what waiting for a
    ///   turn throws.
    package init(
        _ weights: [WeightMatrix], bias: [Float]? = nil, format: WeightFormat, in turns: ComputeTurns
    ) throws {
        let matrices = PackedMatrices(weights)
        (inputs, outputs, self.bias) = (matrices.inputs, matrices.outputs, bias)
        precondition(bias == nil || bias?.count == outputs)
        guard let forms = format.forms(of: weights) else {
            let precision = Self.fitting(format.precision, inputs: inputs)
            storage = .numbers(try NumberPanels(matrices, precision, in: turns))
            return
        }
        let panels = try BlockPanels(inputs: inputs, forms: forms)
        storage = .blocks(panels)
        let job = BlockPackingJob(
            source: matrices, panels: panels, format: format, kernels: turns.kernels,
            scratch: try turns.scratch(units: turns.threads * BlockPackingJob.scratchUnits(inputs)),
            error: FirstError())
        try matrices.pack(with: job, job.error, in: turns)
    }

    /// Packs weights as numbers of a precision.
    package convenience init(
        _ weights: [WeightMatrix], bias: [Float]? = nil, precision: Precision = .float32, in turns: ComputeTurns
    ) throws {
        try self.init(weights, bias: bias, format: .numbers(precision), in: turns)
    }

    /// A layer of some matrices that is never computed, to see what it takes; nothing is read.
    package init(planned weights: [WeightMatrix], hasBias: Bool, format: WeightFormat) {
        let matrices = PackedMatrices(weights)
        (inputs, outputs) = (matrices.inputs, matrices.outputs)
        bias = hasBias ? Array(repeating: 0, count: outputs) : nil
        if let forms = format.forms(of: weights) {
            storage = .blocks(BlockPanels(planned: inputs, forms: forms))
        } else {
            let precision = Self.fitting(format.precision, inputs: inputs)
            storage = .numbers(NumberPanels(planned: inputs, outputs: outputs, precision))
        }
    }

    /// The precision of a layer of so many inputs: beyond some a sum of bytes might not fit 32 bits.
    private static func fitting(_ precision: Precision, inputs: Int) -> Precision {
        precision == .int8 && inputs > 1 << 16 ? .bfloat16 : precision
    }

    /// Returns the start of a panel, or nil if there is none of this number.
    func start(ofPanel index: Int) -> UnsafeRawPointer? {
        guard index >= 0, index < Self.panelCount(outputs) else { return nil }
        switch storage {
        case .numbers(let panels): return UnsafeRawPointer(panels.start(ofPanel: index))
        case .blocks(let panels): return panels.start(ofPanel: index).map { UnsafeRawPointer($0) }
        }
    }

    /// Lends the biases from an output on, if there are any.
    func withBias<Result>(from output: Int, _ body: (UnsafePointer<Float>?) -> Result) -> Result {
        guard let bias else { return body(nil) }
        return bias.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + output }) }
    }
}
