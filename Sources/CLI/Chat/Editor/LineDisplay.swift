/// Draws a line that is being written, again and again at the same place of a terminal.
package struct LineDisplay {
    /// The row of the cursor below that in which the line begins.
    private var cursorRow = 0

    /// Nothing is drawn yet.
    package init() {}

    /// Returns the characters that draw a line.
    ///
    /// - Parameters:
    ///   - prompt: what stands before it, and the columns that this takes
    ///   - columns: those of the terminal
    package mutating func draw(prompt: (text: String, columns: Int), _ editor: LineEditor, columns: Int) -> String {
        let columns = max(columns, 2)
        var result = back() + prompt.text
        var place = Place(columns: columns)
        place.advance(prompt.columns)
        var cursor = place
        for (index, character) in editor.text.enumerated() {
            if index == editor.cursor { cursor = place.beforeNext(Self.columns(of: character)) }
            place.advance(Self.columns(of: character))
            result += Self.shown(character)
        }
        if editor.cursor >= editor.text.count { cursor = place }
        // A terminal that has filled its last column waits there for what comes.
        if place.column == columns {
            result += "\r\n"
            place.wrap()
        }
        if cursor.column == columns { cursor.wrap() }
        if place.row > cursor.row { result += "\u{1B}[\(place.row - cursor.row)A" }
        result += "\r"
        if cursor.column > 0 { result += "\u{1B}[\(cursor.column)C" }
        cursorRow = cursor.row
        return result
    }

    /// Returns the characters that draw a finished line and go behind it.
    package mutating func finish(prompt: String, _ text: String) -> String {
        defer { cursorRow = 0 }
        return back() + prompt + text.map(Self.shown).joined() + "\r\n"
    }

    /// The characters that lead to the beginning of the line and remove it.
    private func back() -> String { (cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : "") + "\r\u{1B}[J" }

    /// A place on the terminal.
    private struct Place {
        let columns: Int
        var row = 0
        var column = 0

        mutating func advance(_ width: Int) {
            self = beforeNext(width)
            column += width
        }

        /// The place of a character of this width that comes next.
        func beforeNext(_ width: Int) -> Place {
            guard column + width > columns else { return self }
            var place = self
            place.wrap()
            return place
        }

        mutating func wrap() { (row, column) = (row + 1, 0) }
    }

    /// A character as it is drawn: each on the same line.
    private static func shown(_ character: Character) -> String {
        switch character {
        case "\n": "↵"
        case "\t": " "
        default: String(character)
        }
    }

    /// Columns that a character takes: two for those of East Asia and pictures.
    private static func columns(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// Scalars of two columns, by blocks (Unicode Standard Annex 11, East_Asian_Width W and F).
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
