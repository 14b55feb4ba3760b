/// A line that is being written on a terminal: keys change it, and say when it is finished. It knows no terminal.
package struct LineEditor {
    /// The effect of a key beside a change of the line.
    package enum Event: Equatable {
        /// The line is finished.
        case finished(String)
        /// Ctrl-C.
        case interrupted
        /// Ctrl-D on an empty line.
        case ended
    }

    /// The characters of the line.
    package private(set) var text: [Character] = []
    /// The index of the character that the next one is put before.
    package private(set) var cursor = 0
    /// Lines that were finished, the oldest first.
    private var history: [[Character]] = []
    /// The line of the history that is shown; that of its end is the new one.
    private var place = 0
    /// The new line while another is shown.
    private var newLine: [Character] = []
    private var keys = KeyDecoder()

    /// An empty line, without a history.
    package init() {}

    private static let longestHistory = 1000
    /// Characters of a line; more are not taken.
    private static let longestLine = 1 << 20

    /// Takes a byte from the terminal. Returns what it has done beside changing the line, if anything.
    package mutating func take(_ byte: UInt8) -> Event? { keys.take(byte).flatMap { take($0) } }

    private mutating func take(_ key: KeyDecoder.Key) -> Event? {
        switch key {
        case .character(let character): insert(character)
        case .enter: return finish()
        case .newLine: insert("\n")
        case .interrupt:
            clear()
            return .interrupted
        case .end:
            if text.isEmpty { return .ended }
            if cursor < text.count { text.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .wordLeft: cursor = wordStart
        case .wordRight:
            while cursor < text.count, text[cursor].isWhitespace { cursor += 1 }
            while cursor < text.count, !text[cursor].isWhitespace { cursor += 1 }
        case .lineStart: cursor = 0
        case .lineEnd: cursor = text.count
        case .up: show(place - 1)
        case .down: show(place + 1)
        case .backspace: remove(max(0, cursor - 1)..<cursor)
        case .delete: if cursor < text.count { text.remove(at: cursor) }
        case .deleteWord: remove(wordStart..<cursor)
        case .deleteToStart: remove(0..<cursor)
        case .deleteToEnd: text.removeSubrange(cursor...)
        case .unknown: break
        }
        return nil
    }

    private mutating func insert(_ character: Character) {
        guard text.count < Self.longestLine else { return }
        text.insert(character, at: cursor)
        cursor += 1
        // Scalars that belong together come one after the other.
        if cursor > 1 {
            let joined = String(text[cursor - 2]) + String(character)
            if joined.count == 1, character != "\n", let whole = joined.first {
                text.replaceSubrange(cursor - 2..<cursor, with: [whole])
                cursor -= 1
            }
        }
    }

    private mutating func remove(_ range: Range<Int>) {
        text.removeSubrange(range)
        cursor = range.lowerBound
    }

    /// The index at which the word before the cursor begins.
    private var wordStart: Int {
        var start = cursor
        while start > 0, text[start - 1].isWhitespace { start -= 1 }
        while start > 0, !text[start - 1].isWhitespace { start -= 1 }
        return start
    }

    private mutating func clear() {
        (text, cursor, place, newLine) = ([], 0, history.count, [])
    }

    private mutating func finish() -> Event {
        let line = text
        if !line.isEmpty, history.last != line {
            history.append(line)
            if history.count > Self.longestHistory { history.removeFirst() }
        }
        clear()
        return .finished(String(line))
    }

    /// Shows another line of the history; the one behind its end is the new one.
    private mutating func show(_ other: Int) {
        guard 0...history.count ~= other, other != place else { return }
        if place == history.count { newLine = text }
        place = other
        text = other < history.count ? history[other] : newLine
        cursor = text.count
    }
}
