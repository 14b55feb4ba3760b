import Testing
import penstock

@Suite struct LineWindowTests {
    @Test func linesAreBounded() throws {
        var window = LineWindow(maxLines: 3, maxBytes: 1 << 30)
        let rooms = try (0..<3).map { _ in try window.place(10) }
        #expect(!window.hasRoom(0))
        window.leave(rooms[0])
        _ = try window.place(10)
        #expect(!window.hasRoom(10))
    }

    @Test func oneLineMayAlwaysCome() throws {
        var window = LineWindow(maxBytes: 1000)
        let room = try window.place(1 << 40)
        #expect(!window.hasRoom(0))
        window.leave(room)
        #expect(window.hasRoom(1 << 40))
    }

    /// Long answers let in fewer lines than short ones, and what is not written yet counts.
    @Test func answersToComeAreBounded() throws {
        func linesLetIn(behindAnswerOf bytes: Int) throws -> Int {
            var window = LineWindow(maxBytes: 1 << 20)
            var first = try window.place(100)
            window.answer(&first, bytes: bytes)
            window.leave(first)
            var count = 0
            while window.enter(100) != nil { count += 1 }
            return count
        }
        #expect(try linesLetIn(behindAnswerOf: 1000) == 64)
        #expect(try linesLetIn(behindAnswerOf: 1 << 17) == 8)
        #expect(try linesLetIn(behindAnswerOf: 1 << 30) == 1)

        var window = LineWindow(maxBytes: 1 << 20)
        var first = try window.place(100)
        window.answer(&first, bytes: 1 << 20)
        #expect(!window.hasRoom(0))
        window.leave(first)
        #expect(window.hasRoom(0))
    }

    /// Before the first answer it is not known how long they are.
    @Test func theFirstLinesAreFewIfLong() throws {
        var window = LineWindow()
        var count = 0
        while window.enter(1 << 13) != nil { count += 1 }
        #expect((2...8).contains(count))
    }
}

extension LineWindow {
    fileprivate mutating func place(_ line: Int) throws -> Room {
        let room = enter(line)
        return try #require(room)
    }

    /// Whether a line would be let in.
    fileprivate func hasRoom(_ line: Int) -> Bool {
        var copy = self
        return copy.enter(line) != nil
    }
}
