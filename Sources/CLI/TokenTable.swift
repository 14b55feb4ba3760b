import PenstockTokenizers

/// An encoding for people to read: a line per token, with an empty line behind the last.
enum TokenTable {
    static func lines(_ encoding: Encoding, _ tokens: [String]) -> [UInt8] {
        var columns = [Column(title: "id"), Column(title: "offsets"), Column(title: "type"), Column(title: "token")]
        for index in tokens.indices {
            let range = encoding.offsets[index]
            columns[0].append("\(encoding.ids[index])")
            columns[1].append("\(range.lowerBound)-\(range.upperBound)")
            columns[2].append("\(encoding.typeIDs[index])")
            columns[3].append(tokens[index].shown + (encoding.specialTokensMask[index] ? "  (special)" : ""))
        }
        var text = ""
        for row in 0...tokens.count {
            text += columns.dropLast().map { $0.rightAligned(row) + "  " }.joined() + columns[3].cells[row] + "\n"
        }
        return Array(text.utf8)
    }

    private struct Column {
        private(set) var cells: [String]
        private var width: Int

        init(title: String) { (cells, width) = ([title], title.count) }

        mutating func append(_ cell: String) {
            cells.append(cell)
            width = max(width, cell.count)
        }

        func rightAligned(_ row: Int) -> String {
            String(repeating: " ", count: width - cells[row].count) + cells[row]
        }
    }
}
