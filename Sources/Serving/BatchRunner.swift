import PenstockCompute
import PenstockModels

/// Runs batches on the thread that owns it.
final class BatchRunner {
    private let model: any Model
    private let cpu: CPU
    private let workspace: Workspace
    private var batch: ModelBatch

    /// - Parameter tokens: the most that a batch may have.
    init(_ model: any Model, tokens: Int, on cpu: CPU) throws {
        self.model = model
        self.cpu = cpu
        batch = ModelBatch(for: model)
        workspace = try model.workspace(tokens: tokens, on: cpu)
    }

    /// Runs the items as one batch and answers each.
    ///
    /// If the forward pass fails, the items are run again in halves until the one at fault is alone: it gets the error,
    /// the others their answers.
    ///
    /// - Parameter isAwaited: asked between layers, whether somebody still waits for an item of the batch.
    /// - Returns: whether the batch was done in one piece.
    func run(_ items: ArraySlice<WorkItem>, isAwaited: (WorkItem) -> Bool) -> Bool {
        do {
            try forward(items, isAwaited: isAwaited)
            return true
        } catch is BatchStopped {
            // Some may still be registered as waiting: their deadline is over, but their timer has yet to say so.
            for item in items { item.pending.abandon() }
            return false
        } catch {
            guard items.count > 1 else {
                items.first?.pending.fail(error)
                return false
            }
            for item in items { item.pending.reset(item.index) }
            let middle = items.startIndex + items.count / 2
            for half in [items[..<middle], items[middle...]] { _ = run(half, isAwaited: isAwaited) }
            return false
        }
    }

    /// Runs sequences of one length and reads the least that can be read, to see what it costs.
    func warmUp(sequences: Int, length: Int) throws {
        batch.removeAll()
        let ids = [Int32](repeating: 0, count: length)
        let readout = model.readouts.min { $0.rawValue < $1.rawValue } ?? .hiddenStates
        for sequence in 0..<sequences {
            batch.append(
                ModelInput(ids: ids, typeIDs: ids, reading: readout, of: .someTokens(sequence == 0 ? [0] : [])))
        }
        _ = try model.forward(batch, on: cpu, in: workspace, isWanted: { true }) { _, _ in }
    }

    private struct BatchStopped: Error {}

    private func forward(_ items: ArraySlice<WorkItem>, isAwaited: (WorkItem) -> Bool) throws {
        batch.removeAll()
        for item in items { batch.append(item.input) }
        var item = 0
        let isDone = try model.forward(
            batch, on: cpu, in: workspace, isWanted: { items.contains(where: isAwaited) }
        ) { range, readout in
            var start = range.lowerBound
            while start < range.upperBound {
                while batch.rowEnds[item] <= start { item += 1 }
                let end = min(range.upperBound, batch.rowEnds[item])
                let part = readout.rows(start - range.lowerBound..<end - range.lowerBound)
                let owner = items[items.startIndex + item]
                owner.pending.read(part, of: owner.index, on: cpu)
                start = end
            }
        }
        if !isDone { throw BatchStopped() }
    }
}
