/// The rows of a step and the pages that they see: of each sequence a run of neighbours.
///
/// Filled, run and emptied again, it allocates only when a step is larger than all before it.
package struct PagedBatch {
    /// Rows of one sequence.
    package struct Run: Sendable {
        /// The rows of the step.
        package let rows: Range<Int>
        /// The position of the first row in the sequence.
        package let position: Int
        /// Its pages in ``pages``: those of all positions up to the last row's.
        let pages: Range<Int>

        /// The positions of the sequence up to the last row's.
        var positions: Range<Int> { 0..<position + rows.count }
    }

    /// The sequences.
    package private(set) var runs: [Run] = []
    /// The pages of all sequences, one sequence after the other.
    private(set) var pages: [Int32] = []
    /// The position of each row in its sequence: `[rows]`.
    package private(set) var positions: [Int32] = []
    /// The page that the keys and values of each row go to: `[rows]`.
    private(set) var pageOfRow: [Int32] = []

    package init() {}

    /// The number of rows.
    package var rows: Int { positions.count }

    /// Adds rows of a sequence.
    ///
    /// - Precondition: there is at least one row, and the pages hold them and all before them.
    package mutating func append(rows count: Int, from position: Int, in pages: [Int]) {
        let needed = PageShape.pages(for: position + count)
        precondition(count > 0 && position >= 0 && needed <= pages.count)
        let start = self.pages.count
        for page in pages[..<needed] { self.pages.append(Int32(page)) }
        runs.append(Run(rows: rows..<rows + count, position: position, pages: start..<start + needed))
        for place in position..<position + count {
            positions.append(Int32(place))
            pageOfRow.append(Int32(pages[place / PageShape.tokens]))
        }
    }

    /// Takes out all rows, keeping the memory.
    package mutating func removeAll() {
        runs.removeAll(keepingCapacity: true)
        pages.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        pageOfRow.removeAll(keepingCapacity: true)
    }
}
