import PenstockCompute

/// Sequences on their way through a layer: in parts on lanes of their own if they are few and can be split evenly, else all
/// with all threads.
struct SequenceGroup {
    let layer: any EncoderLayer
    /// The hidden states of its tokens.
    let hidden: Matrix
    /// Where each sequence starts and the last one ends, from any origin: `[sequences + 1]`
    let offsets: ArraySlice<Int>
    let buffers: EncoderBuffers

    /// The whole layer.
    func run(on cpu: CPU) {
        guard let parts = SequenceParts(offsets, threads: cpu.threads) else { return runTogether(on: cpu) }
        cpu.forEachItem(of: parts.count, PartsJob(group: self, parts: parts, isWhole: true))
    }

    /// The part of the layer that is within each sequence.
    func attend(on cpu: CPU) {
        guard let parts = SequenceParts(offsets, threads: cpu.threads) else {
            return layer.attend(hidden, offsets, on: cpu, buffers)
        }
        cpu.forEachItem(of: parts.count, PartsJob(group: self, parts: parts, isWhole: false))
    }

    private func runTogether(on cpu: CPU) {
        layer.attend(hidden, offsets, on: cpu, buffers)
        layer.finish(buffers.context.rows(0..<hidden.rows), hidden, on: cpu, buffers)
    }

    private func part(_ offsets: ArraySlice<Int>) -> SequenceGroup? {
        guard let origin = self.offsets.first, let first = offsets.first, let last = offsets.last, first < last else {
            return nil
        }
        let rows = first - origin..<last - origin
        return SequenceGroup(
            layer: layer, hidden: hidden.rows(rows), offsets: offsets, buffers: buffers.ofRows(rows))
    }

    private struct PartsJob: ItemsJob {
        let group: SequenceGroup
        let parts: SequenceParts
        let isWhole: Bool

        func run(_ item: Int, on cpu: CPU) {
            guard let part = group.part(parts[item]) else { return }
            if isWhole {
                part.runTogether(on: cpu)
            } else {
                part.layer.attend(part.hidden, part.offsets, on: cpu, part.buffers)
            }
        }
    }
}
