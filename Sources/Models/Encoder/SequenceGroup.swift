import PenstockCompute

/// Sequences on their way through a layer: in parts on lanes of their own if they are few and can be split evenly, else all
/// with all threads.
struct SequenceGroup {
    /// The hidden states of its tokens.
    let hidden: Matrix
    /// The starts of the sequences and the end of the last one, from any origin: `[sequences + 1]`.
    let offsets: ArraySlice<Int>
    /// The number of each token in its sequence, as the model's rule has it: `[tokens]`
    let positions: ArraySlice<Int32>
    let buffers: EncoderBuffers

    /// The matrix that the group's attention is to write.
    var context: Matrix { buffers.context.rows(0..<hidden.rows) }

    /// The numbers of some of its tokens.
    func positions(_ rows: Range<Int>) -> ArraySlice<Int32> {
        positions[positions.startIndex + rows.lowerBound..<positions.startIndex + rows.upperBound]
    }

    /// The whole layer.
    func run(_ layer: any EncoderLayer, on cpu: CPU) {
        guard let parts = SequenceParts(offsets, threads: cpu.threads) else { return runTogether(layer, on: cpu) }
        cpu.forEachItem(of: parts.count, PartsJob(layer: layer, group: self, parts: parts, isWhole: true))
    }

    /// The part of the layer that is within each sequence.
    func attend(_ layer: any EncoderLayer, on cpu: CPU) {
        guard let parts = SequenceParts(offsets, threads: cpu.threads) else { return layer.attend(self, on: cpu) }
        cpu.forEachItem(of: parts.count, PartsJob(layer: layer, group: self, parts: parts, isWhole: false))
    }

    private func runTogether(_ layer: any EncoderLayer, on cpu: CPU) {
        layer.attend(self, on: cpu)
        layer.finish(context, hidden, on: cpu, buffers)
    }

    private func part(_ offsets: ArraySlice<Int>) -> SequenceGroup? {
        guard let origin = self.offsets.first, let first = offsets.first, let last = offsets.last, first < last else {
            return nil
        }
        let rows = first - origin..<last - origin
        return SequenceGroup(
            hidden: hidden.rows(rows), offsets: offsets, positions: positions(rows), buffers: buffers.ofRows(rows))
    }

    private struct PartsJob: ItemsJob {
        let layer: any EncoderLayer
        let group: SequenceGroup
        let parts: SequenceParts
        let isWhole: Bool

        func run(_ item: Int, on cpu: CPU) {
            guard let part = group.part(parts[item]) else { return }
            if isWhole {
                part.runTogether(layer, on: cpu)
            } else {
                layer.attend(part, on: cpu)
            }
        }
    }
}
