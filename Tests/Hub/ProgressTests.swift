import PenstockHub
import Synchronization
import Testing

/// What users see of a download.
@Suite struct ProgressTests {
    private final class Screen: Sendable {
        private let state = Mutex<(texts: [String], now: Duration)>(([], .zero))
        var texts: [String] { state.withLock { $0.texts } }
        func write(_ text: String) { state.withLock { $0.texts.append(text) } }
        func pass(_ time: Duration) { state.withLock { $0.now += time } }
        var clock: HubClock {
            HubClock(sleep: { _ in }, chance: { 0 }, now: { [self] in state.withLock { $0.now } })
        }
    }

    private func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }

    @Test func tally() throws {
        var tally = DownloadTally()
        let (a, b) = (try path("a"), try path("b"))
        tally.add(.announced(files: 2, bytes: 100), at: .zero)
        tally.add(.started(a, size: 60, present: 10), at: .zero)
        tally.add(.started(b, size: 40, present: 0), at: .zero)
        #expect(tally.rate(at: .zero) == nil)
        tally.add(.received(a, bytes: 20), at: .milliseconds(500))
        tally.add(.received(b, bytes: 10), at: .seconds(1))
        #expect(tally.bytesDone == 40)
        #expect(tally.rate(at: .seconds(2)) == 15)
        #expect(tally.secondsLeft(at: .seconds(2)) == 4)
        tally.add(.restarted(a), at: .seconds(2))
        #expect(tally.bytesDone == 10)
        tally.add(.finished(b), at: .seconds(3))
        #expect(tally.active.map(\.path) == [a])
        #expect(tally.filesDone == 1)
        // More than a number holds.
        var endless = DownloadTally()
        for _ in 0..<2 { endless.add(.announced(files: 1, bytes: .max), at: .zero) }
        #expect(endless.bytes == .max)
        // What came long ago tells nothing of now.
        #expect(tally.rate(at: .seconds(100)) == 0)
        #expect(tally.secondsLeft(at: .seconds(100)) == nil)
    }

    @Test func lines() throws {
        let screen = Screen()
        let progress = LineProgress(clock: screen.clock) { screen.write($0) }
        let file = try path("model.safetensors")
        progress.report(.announced(files: 1, bytes: 1_000_000))
        progress.report(.started(file, size: 1_000_000, present: 0))
        for _ in 0..<99 {
            screen.pass(.milliseconds(200))
            progress.report(.received(file, bytes: 10_000))
        }
        progress.report(.received(file, bytes: 10_000))
        progress.report(.finished(file))
        progress.end()
        #expect(screen.texts.count == 4)
        #expect(screen.texts.first == "250.0 kB of 1.0 MB downloaded, 48.0 kB/s, 16 s left")
        #expect(screen.texts.last == "1 file, 1.0 MB downloaded")
    }

    @Test func silenceWithoutWork() {
        let screen = Screen()
        let progress = LineProgress(clock: screen.clock) { screen.write($0) }
        progress.end()
        #expect(screen.texts.isEmpty)
    }

    /// Bars take the lines that they have, are written over, and fit the terminal.
    @Test func bars() throws {
        let screen = Screen()
        let progress = TerminalProgress(clock: screen.clock, width: { 60 }) { screen.write($0) }
        progress.report(.announced(files: 2, bytes: 200))
        let long = try path(String(repeating: "long/", count: 30) + "\u{202E}name")
        progress.report(.started(long, size: 100, present: 50))
        screen.pass(.seconds(1))
        progress.report(.received(long, bytes: 25))
        screen.pass(.seconds(1))
        progress.report(.note("a note"))
        progress.end()
        #expect(screen.texts.count == 4)
        #expect(screen.texts[1].hasPrefix("\u{1B}[1A\r\u{1B}[J"))
        let rows = screen.texts[1].split(separator: "\n")
        #expect(rows.count == 2)
        #expect(rows.allSatisfy { $0.filter { !$0.isWhitespace || $0 == " " }.count <= 70 })
        #expect(!screen.texts.joined().contains("\u{202E}"))
        #expect(screen.texts[2].hasSuffix("a note\n"))
    }

    @Test func numbers() {
        #expect(ByteText.of(0) == "0 B")
        #expect(ByteText.of(999) == "999 B")
        #expect(ByteText.of(1000) == "1.0 kB")
        #expect(ByteText.of(90_868_373) == "90.9 MB")
        #expect(ByteText.of(999_999) == "1.0 MB")
        #expect(ByteText.of(Int.max) == "9223.4 PB")
        #expect(ByteText.of(seconds: 59) == "59 s")
        #expect(ByteText.of(seconds: 200) == "3 min 20 s")
        #expect(ByteText.of(seconds: 7500) == "2 h 5 min")
    }
}
