/// A division of the attention of a step into tasks, each of which one thread computes at one time.
///
/// However it is divided, each row goes through the same ranges of pages in the same order, so that its bits are the same.
package struct PagedPlan {
    /// Rows of a run and the ranges of pages that are computed for them, for one head of keys at a time.
    struct Task {
        let run: Int
        /// Rows of the step.
        let rows: Range<Int>
        /// Ranges of ``PageShape/rangeTokens`` positions.
        let ranges: Range<Int>
        /// The first of the task's parts, which are merged later; nil if the task makes the result itself.
        let parts: Int?
        /// True if it writes the keys and values of its rows before it reads any: no other task sees them.
        let writes: Bool
    }

    /// Rows whose ranges were computed apart.
    struct Merge {
        let rows: Range<Int>
        let ranges: Int
        /// The first of `ranges × heads × rows` parts.
        let parts: Int
    }

    /// The keys that each row sees.
    package let visibility: Visibility
    private(set) var tasks: [Task] = []
    private(set) var merges: [Merge] = []
    /// Of each run whether tasks write its keys and values.
    package private(set) var isWritten: [Bool] = []
    /// The ends of the tasks and merges of each group of rows.
    private(set) var groups: [(tasks: Int, merges: Int)] = []

    /// Queries that are computed together, if no more heads share a head of keys.
    static let blockRows = 48
    /// Parts that there is memory for: some 64 sequences of 8,192 tokens with 8 heads.
    static let mostParts = 4096

    package init(_ visibility: Visibility) { self.visibility = visibility }

    /// The queries of a block, of which each has as many rows as heads share a head of keys.
    static func blockTokens(_ shape: GroupedHeads) -> Int { max(1, blockRows / shape.group) }

    /// Divides a step anew.
    ///
    /// - Parameter groupEnds: the ends of the rows that pass a layer together, ascending up to those of the batch; a block
    ///   lies within such a group
    /// - Precondition: queries see keys of the groups up to theirs alone.
    package mutating func divide(_ batch: PagedBatch, groupEnds: [Int], heads shape: GroupedHeads) {
        precondition(groupEnds.last == batch.rows)
        tasks.removeAll(keepingCapacity: true)
        merges.removeAll(keepingCapacity: true)
        isWritten.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        var parts = 0
        for (index, run) in batch.runs.enumerated() {
            var first = run.rows.lowerBound
            isWritten.append(false)
            while first < run.rows.upperBound {
                let end = min(first + Self.blockTokens(shape), run.rows.upperBound, groupEnds[groups.count])
                add(first..<end, of: index, run, isWhole: first..<end == run.rows, heads: shape, &parts)
                first = end
                if first == groupEnds[groups.count] {
                    groups.append((tasks.count, merges.count))
                    parts = 0
                }
            }
        }
    }

    private mutating func add(
        _ rows: Range<Int>, of index: Int, _ run: PagedBatch.Run, isWhole: Bool, heads shape: GroupedHeads,
        _ parts: inout Int
    ) {
        let first = run.position + rows.lowerBound - run.rows.lowerBound
        let seen = visibility.keys(seenFrom: first, of: run.positions).lowerBound
        let last = visibility.keys(seenFrom: first + rows.count - 1, of: run.positions).upperBound - 1
        let ranges = seen / PageShape.rangeTokens..<last / PageShape.rangeTokens + 1
        let count = ranges.count * rows.count * shape.heads
        // Of several tasks, only that of the last range may write what none of the others reads.
        let isWritten = isWhole && first / PageShape.rangeTokens == ranges.upperBound - 1
        self.isWritten[index] = isWritten
        guard isWhole, ranges.count > 1, parts + count <= Self.mostParts else {
            return tasks.append(Task(run: index, rows: rows, ranges: ranges, parts: nil, writes: isWritten))
        }
        merges.append(Merge(rows: rows, ranges: ranges.count, parts: parts))
        for range in ranges {
            tasks.append(
                Task(
                    run: index, rows: rows, ranges: range..<range + 1, parts: parts,
                    writes: isWritten && range == ranges.upperBound - 1))
            parts += rows.count * shape.heads
        }
    }

    /// The tasks of a group.
    func tasks(ofGroup group: Int) -> ArraySlice<Task> {
        tasks[(group == 0 ? 0 : groups[group - 1].tasks)..<groups[group].tasks]
    }

    /// The merges of a group.
    func merges(ofGroup group: Int) -> ArraySlice<Merge> {
        merges[(group == 0 ? 0 : groups[group - 1].merges)..<groups[group].merges]
    }
}
