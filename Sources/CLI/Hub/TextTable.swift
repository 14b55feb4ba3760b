/// Rows with their cells below each other.
enum TextTable {
    /// - Parameter rightAligned: the columns whose cells end below each other
    static func lines(_ rows: [[String]], rightAligned: Set<Int> = []) -> [UInt8] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        var text = ""
        for row in rows {
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? space + cell : column == row.count - 1 ? cell : cell + space
            }
            text += cells.joined(separator: "  ") + "\n"
        }
        return Array(text.utf8)
    }
}
