import PenstockCompute
import PenstockModels

/// Runs batches on the thread that owns it.
final class BatchRunner {
    private let model: any Model
    private let cpu: CPU
    private let workspace: Workspace
    private var batch = PackedBatch()
    private var rows: [Int] = []
    /// Where the rows of each item end in `rows`.
    private var rowEnds: [Int] = []

    init(_ model: any Model, _ configuration: ServingConfiguration) {
        self.model = model
        cpu = CPU(threads: configuration.threads)
        workspace = model.workspace(tokens: max(configuration.maxBatchTokens, model.limits.tokens), on: cpu)
    }

    /// Runs the items as one batch and answers each.
    func run(_ items: [WorkItem]) {
        pack(items)
        var item = 0
        model.forward(batch, rows: rows, on: cpu, in: workspace) { range, readout in
            var start = range.lowerBound
            while start < range.upperBound {
                while rowEnds[item] <= start { item += 1 }
                let end = min(range.upperBound, rowEnds[item])
                let part = readout.rows(start - range.lowerBound..<end - range.lowerBound)
                items[item].pending.read(part, of: items[item].index, on: cpu)
                start = end
            }
        }
        for item in items { item.pending.finishSequence() }
    }

    private func pack(_ items: [WorkItem]) {
        batch.removeAll()
        rows.removeAll(keepingCapacity: true)
        rowEnds.removeAll(keepingCapacity: true)
        for item in items {
            let input = item.input
            let start = batch.tokens
            batch.append(ids: input.ids, typeIDs: input.typeIDs)
            if let wanted = input.rows {
                for row in wanted { rows.append(start + row) }
            } else {
                rows.append(contentsOf: start..<batch.tokens)
            }
            rowEnds.append(rows.count)
        }
    }
}
