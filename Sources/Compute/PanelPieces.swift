/// The columns of a product in pieces that threads take from the last to the first: panels, and at the end parts of
/// panels, so that no thread is busy with a whole one while the others wait.
struct PanelPieces {
    private let columns: Int
    /// The first panels, which are cut, and the parts of each.
    private let cutPanels: Int
    private let parts: Int

    /// The number of pieces.
    let count: Int

    /// Panels may be cut into as many parts: their columns are whole vectors of every instruction set.
    private static let mostParts = 4

    /// Cuts the panels that are left over when all threads have had as many.
    init(columns: Int, threads: Int) {
        self.columns = columns
        let panels = Linear.panelCount(columns)
        let rest = panels % threads
        cutPanels = rest
        parts = rest == 0 ? 1 : rest * Self.mostParts <= threads ? Self.mostParts : rest * 2 <= threads ? 2 : 1
        count = panels + rest * (parts - 1)
    }

    /// The columns of a piece, within a panel; there may be none.
    subscript(index: Int) -> Range<Int> {
        let (width, cut) = (Linear.panelWidth / parts, cutPanels * parts)
        let (start, size) =
            index < cut
            ? (index * width, width) : ((cutPanels + index - cut) * Linear.panelWidth, Linear.panelWidth)
        return min(start, columns)..<min(start + size, columns)
    }
}
