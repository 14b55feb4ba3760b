/// The columns of a product in pieces: panels, and parts of panels, so that no thread is busy with a whole one while the
/// others wait. The pieces of each thread's share follow one another, but for the last one, which may be such a part.
struct PanelPieces {
    private let columns: Int
    private let shares: ChunkShares
    /// The panels that each thread has as a whole, at least.
    private let wholePanels: Int
    /// The parts of each panel that is left over.
    private let parts: Int

    /// The number of pieces.
    var count: Int { shares.chunks }

    /// Panels may be cut into as many parts: their columns are whole vectors of every instruction set.
    private static let mostParts = 4

    /// Cuts the panels that are left over when all threads have had as many.
    init(columns: Int, threads: Int) {
        self.columns = columns
        let panels = Linear.panelCount(columns)
        let rest = panels % threads
        wholePanels = panels / threads
        parts = rest == 0 ? 1 : rest * Self.mostParts <= threads ? Self.mostParts : rest * 2 <= threads ? 2 : 1
        shares = ChunkShares(chunks: panels + rest * (parts - 1), threads: threads)
    }

    /// The columns of a piece, within a panel; there may be none.
    subscript(index: Int) -> Range<Int> {
        let thread = shares.owner(of: index)
        let place = index - shares[thread].lowerBound
        let panel: Int, part: Int, width: Int
        if place < wholePanels {
            (panel, part, width) = (thread * wholePanels + place, 0, Linear.panelWidth)
        } else {
            // Each thread before has had its whole panels, and some a part.
            let number = index - (thread + 1) * wholePanels
            (panel, part) = (number / parts + shares.threads * wholePanels, number % parts)
            width = Linear.panelWidth / parts
        }
        let start = panel * Linear.panelWidth + part * width
        return min(start, columns)..<min(start + width, columns)
    }

    /// The piece that comes behind another one in the share of a thread; nil for the last.
    func next(_ index: Int) -> Int? {
        let next = index + 1
        return next < count && shares.owner(of: next) == shares.owner(of: index) ? next : nil
    }
}
