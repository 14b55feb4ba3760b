import PenstockHub
import Synchronization

/// The progress of a data set, as a line on a terminal.
final class RunProgress: Sendable {
    private struct State {
        var (answers, bytes, tokens) = (0, 0, 0)
        var lastDrawing: Duration?
    }

    private let state = Mutex(State())
    private let size: Int?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let width: @Sendable () -> Int
    private let write: @Sendable (_ text: String) -> Void
    private static let interval = Duration.milliseconds(100)

    /// - Parameters:
    ///   - size: bytes of the inputs; nil if that is not known
    ///   - width: columns of the terminal
    ///   - write: takes text and what moves the cursor
    init(size: Int?, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (_ text: String) -> Void) {
        (self.size, self.width, self.write, start) = (size, width, write, clock.now)
    }

    /// Counts the tokens of an input.
    func add(tokens: Int) { state.withLock { $0.tokens += tokens } }

    /// Counts an answer to an input of so many bytes.
    func add(bytes: Int) {
        let now = start.duration(to: clock.now)
        let line: String? = state.withLock { state in
            state.answers += 1
            state.bytes += bytes
            if let last = state.lastDrawing, now - last < Self.interval { return nil }
            state.lastDrawing = now
            return Self.line(state, of: size, after: now, width: width())
        }
        if let line { write("\r\u{1B}[K\(line)") }
    }

    /// Leaves what was done on the terminal.
    func end() {
        let now = start.duration(to: clock.now)
        let line = state.withLock { Self.summary($0, after: now) }
        write("\r\u{1B}[K\(line)\n")
    }

    private static func summary(_ state: State, after time: Duration) -> String {
        let seconds = time / .seconds(1)
        return "\(state.answers) answered in \(decimal(seconds)) s, \(rate(state.tokens, seconds)) tokens/s"
    }

    private static func line(_ state: State, of size: Int?, after time: Duration, width: Int) -> String {
        let seconds = time / .seconds(1)
        var figures = "\(state.answers) answered, \(rate(state.tokens, seconds)) tokens/s"
        guard let size, size > 0 else { return String(figures.prefix(max(0, width - 1))) }
        let share = min(1, Double(state.bytes) / Double(size))
        if share > 0.01, seconds > 2, let left = Int(exactly: (seconds / share * (1 - share)).rounded(.up)) {
            figures += ", \(ByteText.of(seconds: left)) left"
        }
        let barWidth = min(40, width - figures.count - 10)
        guard barWidth >= 5 else { return String(figures.prefix(max(0, width - 1))) }
        let filled = Int(share * Double(barWidth))
        let percent = String(repeating: " ", count: share < 0.1 ? 2 : share < 1 ? 1 : 0) + "\(Int(share * 100))%"
        return "\(percent) [" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: barWidth - filled) + "] \(figures)"
    }

    private static func rate(_ count: Int, _ seconds: Double) -> Int {
        seconds > 0 ? Int(exactly: (Double(count) / seconds).rounded()) ?? 0 : 0
    }

    private static func decimal(_ seconds: Double) -> String {
        let tenths = Int(exactly: (seconds * 10).rounded()) ?? 0
        return "\(tenths / 10).\(tenths % 10)"
    }
}
