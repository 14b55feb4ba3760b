import PenstockCompute

/// The input of a step: tokens of sequences, packed end to end, and which of them are read.
///
/// Filled, run and emptied again, it allocates only when a step is larger than all before it. One thread at a time may
/// use it.
package final class DecoderStep {
    /// Which of an item's tokens are read.
    package enum Reading: Sendable, Equatable {
        /// None: the tokens are a part of a prompt.
        case nothing
        /// The last.
        case last
        /// All from one on, counted from the first of the item.
        case from(Int)
        /// Some, ascending, counted from the first of the item.
        case some([Int])
    }

    /// The token ids: `[tokens]`.
    private(set) var ids: [Int32] = []
    private(set) var batch = PagedBatch()
    /// The tokens that are read, ascending.
    private(set) var rows: [Int] = []
    /// The ends of the rows of each item.
    package private(set) var rowEnds: [Int] = []
    private(set) var rotations: [SequenceRotation] = []
    private var sequences: [DecoderSequence] = []
    /// The ends of the rows that pass a layer together.
    private(set) var groupEnds: [Int] = []
    /// The division of attention, for each of the model's windows.
    private(set) var plans: [PagedPlan] = []

    package init() {}

    /// The number of tokens.
    package var tokens: Int { ids.count }
    /// The number of tokens that are read.
    package var rowCount: Int { rows.count }
    /// The number of items.
    package var items: Int { rowEnds.count }

    /// Adds the next tokens of a sequence.
    ///
    /// - Precondition: there is a token; the sequence has reserved pages for them, and is no other item's.
    package func append(_ sequence: DecoderSequence, ids: some Collection<Int32>, reading: Reading) {
        sequences.append(sequence)
        append(ids: ids, from: sequence.length, in: sequence.pages, sequence.rotation, reading)
    }

    /// Adds tokens of whoever has pages for them.
    func append(
        ids: some Collection<Int32>, from position: Int, in pages: [Int], _ rotation: SequenceRotation,
        _ reading: Reading
    ) {
        let start = tokens
        batch.append(rows: ids.count, from: position, in: pages)
        self.ids.append(contentsOf: ids)
        rotations.append(rotation)
        switch reading {
        case .nothing: break
        case .last: rows.append(tokens - 1)
        case .from(let first):
            precondition(first >= 0 && start + first <= tokens)
            rows.append(contentsOf: start + first..<tokens)
        case .some(let some):
            for token in some {
                precondition(token >= 0 && start + token < tokens)
                rows.append(start + token)
            }
        }
        rowEnds.append(rows.count)
    }

    /// Takes out all items, keeping the memory.
    package func removeAll() {
        ids.removeAll(keepingCapacity: true)
        batch.removeAll()
        rows.removeAll(keepingCapacity: true)
        rowEnds.removeAll(keepingCapacity: true)
        rotations.removeAll(keepingCapacity: true)
        sequences.removeAll(keepingCapacity: true)
    }

    /// Divides the rows into groups, and attention for each of some windows.
    ///
    /// - Parameter groupTokens: the most rows of a group
    /// - Precondition: there are rows. If a window reaches behind its query, each item is a sequence as a whole, and no
    ///   longer than a group.
    func divide(for windows: [Visibility], groupTokens: Int, heads: GroupedHeads) {
        makeGroups(of: groupTokens, cutsSequences: windows.allSatisfy(\.isCausal))
        if plans.map(\.visibility) != windows { plans = windows.map { PagedPlan($0) } }
        for index in plans.indices { plans[index].divide(batch, groupEnds: groupEnds, heads: heads) }
    }

    /// Queries that see keys behind them need those of the whole sequence before the first of them.
    private func makeGroups(of most: Int, cutsSequences: Bool) {
        groupEnds.removeAll(keepingCapacity: true)
        if cutsSequences {
            groupEnds.append(contentsOf: stride(from: most, to: tokens, by: most))
        } else {
            var start = 0
            for run in batch.runs {
                precondition(run.position == 0 && run.rows.count <= most, "a sequence lies within a group")
                guard run.rows.upperBound - start > most else { continue }
                start = run.rows.lowerBound
                groupEnds.append(start)
            }
        }
        groupEnds.append(tokens)
    }

    /// Notes that keys and values of all tokens are in their pages.
    func commit() {
        for (sequence, run) in zip(sequences, batch.runs) { sequence.grow(by: run.rows.count) }
    }

    /// Makes pages as they were before the step.
    func abandon(in pool: PagePool) {
        for (sequence, run) in zip(sequences, batch.runs) {
            sequence.clear(to: sequence.length + run.rows.count, in: pool)
        }
    }

    /// Lends the runs of some rows: neighbours of equal angles together.
    ///
    /// - Parameter body: is lent rows, and the angles of their sequences
    func forEachRotation(of rows: Range<Int>, _ body: (Range<Int>, SequenceRotation) -> Void) {
        var start = rows.lowerBound
        for (index, run) in batch.runs.enumerated() {
            guard run.rows.upperBound > start, run.rows.lowerBound < rows.upperBound else { continue }
            let isLast = run.rows.upperBound >= rows.upperBound
            guard isLast || rotations[index + 1].key != rotations[index].key else { continue }
            let end = min(run.rows.upperBound, rows.upperBound)
            body(start..<end, rotations[index])
            start = end
        }
    }
}
