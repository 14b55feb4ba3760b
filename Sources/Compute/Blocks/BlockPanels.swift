import CKernels

/// The weights of a layer in blocks, in panels of 64 outputs, each of a form of its own:
/// `[outputs / 64][blocks of inputs]`, as the kernels read them.
final class BlockPanels: @unchecked Sendable {
    // Safe to share: written by whoever makes it, before anybody else has it.

    /// Length of an input row.
    let inputs: Int
    /// The forms of the panels, and where each begins, in bytes.
    let panels: [(form: BlockForm, start: Int)]
    /// The bytes of all panels.
    let bytes: Int
    /// The factor of the numbers of each output, beside the scales of blocks.
    let scales: UnitStorage
    private let storage: UnitStorage

    /// Memory for panels of these forms, to be packed.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory.
    convenience init(inputs: Int, forms: [BlockForm]) throws(ResourceError) {
        let (panels, bytes) = Self.layout(inputs, forms)
        self.init(
            inputs, panels, bytes, storage: try UnitStorage(ofModel: bytes / MemoryLayout<Float>.stride),
            scales: try UnitStorage(ofModel: forms.count * Linear.panelWidth))
    }

    /// Panels that are never computed, to see what they take.
    convenience init(planned inputs: Int, forms: [BlockForm]) {
        let (panels, bytes) = Self.layout(inputs, forms)
        self.init(inputs, panels, bytes, storage: .planned, scales: .planned)
    }

    private init(
        _ inputs: Int, _ panels: [(form: BlockForm, start: Int)], _ bytes: Int, storage: UnitStorage,
        scales: UnitStorage
    ) {
        (self.inputs, self.panels, self.bytes) = (inputs, panels, bytes)
        (self.storage, self.scales) = (storage, scales)
    }

    /// One panel behind the other. Their bytes are whole units.
    private static func layout(
        _ inputs: Int, _ forms: [BlockForm]
    ) -> (panels: [(form: BlockForm, start: Int)], bytes: Int) {
        var panels: [(form: BlockForm, start: Int)] = []
        var bytes = 0
        for form in forms {
            panels.append((form, bytes))
            bytes += BlockForm.count(inputs) * form.panelBytes
        }
        return (panels, bytes)
    }

    /// The start of a panel; nil if there is none of this number.
    func start(ofPanel index: Int) -> UnsafeMutableRawPointer? {
        guard panels.indices.contains(index) else { return nil }
        return UnsafeMutableRawPointer(storage.base) + panels[index].start
    }

    /// Lends a panel.
    func withPanel<Result>(
        _ index: Int, next: UnsafeRawPointer?, _ body: (inout penstock_block_panel) -> Result
    ) -> Result {
        panels[index].form.withKernelForm { form in
            var panel = penstock_block_panel(
                blocks: start(ofPanel: index), form: form, scale: scales.base + index * Linear.panelWidth, next: next)
            return body(&panel)
        }
    }

    /// Writes the weights of an output as floats.
    ///
    /// - Precondition: there is such an output.
    func writeRow(_ output: Int, to target: UnsafeMutablePointer<Float>) {
        let (index, column) = output.quotientAndRemainder(dividingBy: Linear.panelWidth)
        guard let start = start(ofPanel: index) else { preconditionFailure("there is no output \(output)") }
        panels[index].form.withKernelForm { form in
            penstock_unpack_column(form, inputs, start, scales.base[output], column, target)
        }
    }
}
