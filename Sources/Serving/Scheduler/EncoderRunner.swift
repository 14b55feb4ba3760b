import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Runs batches of an encoder.
final class EncoderRunner: SliceRunner {
    /// Holds the weights.
    private let loaded: LoadedModel
    private var batch: ModelBatch

    init(_ loaded: LoadedModel) {
        self.loaded = loaded
        batch = ModelBatch(for: loaded.model)
    }

    /// If the forward pass fails, the slices are run again in halves until the one at fault is alone: it gets the error,
    /// the others their answers.
    func run(_ slices: [RunnableSlice<EncoderRequest>], on cpu: CPU, in arena: Workspace) -> Bool {
        run(slices[...], on: cpu, in: arena)
    }

    func deliver(_ slices: [RunnableSlice<EncoderRequest>]) -> [SliceOutcome] {
        for item in slices { item.request.finishSequence() }
        return Array(repeating: .done, count: slices.count)
    }

    private func run(_ slices: ArraySlice<RunnableSlice<EncoderRequest>>, on cpu: CPU, in arena: Workspace) -> Bool {
        do {
            try forward(slices, on: cpu, in: arena)
            return true
        } catch is BatchStopped {
            // Some may still be registered as waiting: their deadline is over, but their timer has yet to say so.
            for item in slices { item.request.abandon() }
            return false
        } catch {
            guard slices.count > 1 else {
                slices.first?.request.end.finish(throwing: error)
                return false
            }
            for item in slices { item.request.reset(item.slice) }
            let middle = slices.startIndex + slices.count / 2
            for half in [slices[..<middle], slices[middle...]] { _ = run(half, on: cpu, in: arena) }
            return false
        }
    }

    private struct BatchStopped: Error {}

    private func forward(
        _ slices: ArraySlice<RunnableSlice<EncoderRequest>>, on cpu: CPU, in arena: Workspace
    ) throws {
        let slices = slices.inEvenParts(cpu.threads)
        batch.removeAll()
        for item in slices { batch.append(item.request.input(item.slice)) }
        var item = 0
        let isDone = try loaded.model.forward(
            batch, on: cpu, in: arena, isWanted: { slices.contains { $0.request.isAwaited(at: .now) } }
        ) { range, readout in
            var parts: [RowPart] = []
            var start = range.lowerBound
            while start < range.upperBound {
                while batch.rowEnds[item] <= start { item += 1 }
                let end = min(range.upperBound, batch.rowEnds[item])
                let owner = slices[item]
                parts.append(
                    RowPart(
                        rows: readout.rows(start - range.lowerBound..<end - range.lowerBound), request: owner.request,
                        slice: owner.slice))
                start = end
            }
            cpu.forEachItem(of: parts.count, ReadingJob(parts: parts))
        }
        if !isDone { throw BatchStopped() }
    }
}

extension ArraySlice<RunnableSlice<EncoderRequest>> {
    /// The same slices in an order in which neighbours make up parts of about as many tokens: the longest first, each is
    /// added to the part that has the fewest (Graham, "Bounds on multiprocessing timing anomalies", 1969).
    fileprivate func inEvenParts(_ count: Int) -> [Element] {
        guard count > 1, self.count > count else { return Array(self) }
        var parts = [(tokens: Int, slices: [Element])](repeating: (0, []), count: count)
        for item in sorted(by: { $0.slice.tokens.count > $1.slice.tokens.count }) {
            guard let least = parts.indices.min(by: { parts[$0].tokens < parts[$1].tokens }) else { break }
            parts[least].tokens += item.slice.tokens.count
            parts[least].slices.append(item)
        }
        return parts.flatMap(\.slices)
    }
}

/// Rows of one sequence.
private struct RowPart {
    let rows: Matrix
    let request: EncoderRequest
    let slice: Slice
}

/// Reads parts of several sequences.
private struct ReadingJob: ItemsJob {
    let parts: [RowPart]

    func run(_ item: Int, on cpu: CPU) {
        let part = parts[item]
        part.request.read(part.rows, of: part.slice, on: cpu)
    }
}
