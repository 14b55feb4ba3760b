import PenstockJSON
import Testing
import penstock

/// What keys do to a line, and how it is drawn.
@Suite struct LineEditorTests {
    private static let (left, right, up, down) = ("\u{1B}[D", "\u{1B}[C", "\u{1B}[A", "\u{1B}[B")

    private static func take(_ keys: String, _ editor: inout LineEditor) -> [LineEditor.Event] {
        keys.utf8.compactMap { editor.take($0) }
    }

    @Test(arguments: [
        ("abc", "abc", 3), ("ac\(left)b", "abc", 2), ("abc\u{7F}\u{8}", "a", 1),
        ("ab\(left)\(left)\(left)\u{7F}", "ab", 0),
        ("ab\u{1}\u{4}", "b", 0), ("ab\u{1}\u{1B}[3~", "b", 0), ("ab cd\u{17}", "ab ", 3), ("ab cd\u{15}", "", 0),
        ("ab cd\u{1}\(right)\u{B}", "a", 1), ("ab cd\u{1B}b\u{1B}b\u{1B}f", "ab cd", 2),
        ("ab\u{1B}[1;5D", "ab", 0), ("ab\u{1}\u{1B}[F", "ab", 2), ("ab\u{1B}OH", "ab", 0),
        ("é日👍", "é日👍", 3), ("e\u{301}x\u{7F}", "e\u{301}", 1), ("日本\u{7F}", "日", 1),
        ("a\u{1B}\rb", "a\nb", 3), ("\u{1B}[200~a\rb\u{3}\u{1B}[201~c", "a\nbc", 4),
        ("a\u{1B}[99;99Xb", "ab", 2), ("a\u{0}b", "ab", 2),
    ])
    func keysChangeTheLine(keys: String, text: String, cursor: Int) {
        var editor = LineEditor()
        #expect(Self.take(keys, &editor).isEmpty)
        #expect(String(editor.text) == text)
        #expect(editor.cursor == cursor)
    }

    @Test func linesAreFinishedInterruptedAndEnded() {
        var editor = LineEditor()
        #expect(Self.take("ab\r", &editor) == [.finished("ab")])
        #expect(Self.take("\r", &editor) == [.finished("")])
        #expect(Self.take("ab\u{3}", &editor) == [.interrupted])
        #expect(editor.text.isEmpty)
        #expect(Self.take("a\u{1}\u{4}\u{4}", &editor) == [.ended])
    }

    @Test func arrowsGoThroughTheHistory() {
        var editor = LineEditor()
        _ = Self.take("one\rtwo\rtwo\r", &editor)
        func shown(_ keys: String) -> String {
            _ = Self.take(keys, &editor)
            return String(editor.text)
        }
        #expect(shown("new\(Self.up)") == "two")
        #expect(shown(Self.up) == "one" && shown(Self.up) == "one")
        #expect(shown("!\(Self.down)") == "two" && shown(Self.down) == "new" && shown(Self.down) == "new")
        #expect(Self.take("\(Self.up)\(Self.up)\r", &editor) == [.finished("one")])
    }

    /// Bytes of no meaning are neither taken as text nor the end of the process.
    @Test func anyBytesAreTaken() {
        var editor = LineEditor()
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                _ = editor.take(first)
                _ = editor.take(second)
            }
        }
        _ = Self.take("\u{1B}[201~\u{3}", &editor)
        #expect(Self.take("ok\r", &editor).last == .finished("ok"))
    }

    // MARK: Drawing

    private static func drawn(_ keys: String, columns: Int, _ display: inout LineDisplay) -> String {
        var editor = LineEditor()
        _ = take(keys, &editor)
        return display.draw(prompt: ("> ", 2), editor, columns: columns)
    }

    @Test func linesAreDrawnAtTheirPlace() {
        var display = LineDisplay()
        let clear = "\r\u{1B}[J"
        #expect(Self.drawn("abc", columns: 80, &display) == "\(clear)> abc\r\u{1B}[5C")
        #expect(Self.drawn("abc\(Self.left)", columns: 80, &display) == "\(clear)> abc\r\u{1B}[4C")
        #expect(Self.drawn("日本", columns: 80, &display) == "\(clear)> 日本\r\u{1B}[6C")
        #expect(Self.drawn("a\u{1B}\rb", columns: 80, &display) == "\(clear)> a↵b\r\u{1B}[5C")
        // The second row; what is drawn next begins a row above.
        #expect(Self.drawn("abcdefgh", columns: 6, &display) == "\(clear)> abcdefgh\r\u{1B}[4C")
        #expect(Self.drawn("abcd", columns: 6, &display) == "\u{1B}[1A\(clear)> abcd\r\n\r")
        #expect(Self.drawn("abcdefgh\u{1}", columns: 6, &display) == "\u{1B}[1A\(clear)> abcdefgh\u{1B}[1A\r\u{1B}[2C")
        // A wide character does not fit into the last column.
        #expect(Self.drawn("abc日", columns: 6, &display) == "\(clear)> abc日\r\u{1B}[2C")
        #expect(display.finish(prompt: "> ", "x") == "\u{1B}[1A\(clear)> x\r\n")
        #expect(display.finish(prompt: "> ", "x") == "\(clear)> x\r\n")
    }
}
