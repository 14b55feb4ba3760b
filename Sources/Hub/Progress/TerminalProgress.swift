import Synchronization

/// Progress as bars on a terminal: one for each file on its way, and one for all.
package final class TerminalProgress: DownloadProgress {
    private struct State {
        var tally = DownloadTally()
        var lastDrawing: Duration?
        /// Lines that are on the terminal now, and are written over.
        var lines = 0
    }

    private let state = Mutex(State())
    private let write: @Sendable (_ text: String) -> Void
    private let width: @Sendable () -> Int
    private let clock: HubClock
    private static let interval = Duration.milliseconds(100)

    /// - Parameters:
    ///   - width: columns of the terminal
    ///   - write: takes text and what moves the cursor
    package init(
        clock: HubClock = .system, width: @escaping @Sendable () -> Int,
        write: @escaping @Sendable (_ text: String) -> Void
    ) {
        (self.clock, self.width, self.write) = (clock, width, write)
    }

    package func report(_ event: DownloadEvent) {
        let now = clock.now()
        state.withLock { state in
            state.tally.add(event, at: now)
            var text = ""
            switch event {
            case .note(let note): text = Self.erasing(&state.lines) + note + "\n"
            case .waiting(let path):
                text = Self.erasing(&state.lines) + "waits for another download of the bytes of \(path)\n"
            default:
                if let last = state.lastDrawing, now - last < Self.interval { return }
                guard state.tally.files > 0 else { return }
                state.lastDrawing = now
                text = Self.erasing(&state.lines) + Self.drawing(state.tally, at: now, width: width(), &state.lines)
            }
            // Within the lock, so that what two threads write does not mix.
            write(text)
        }
    }

    package func end() {
        state.withLock { state in
            write(Self.erasing(&state.lines) + (state.tally.summary.map { $0 + "\n" } ?? ""))
        }
    }

    /// Returns the text that takes lines off the terminal.
    private static func erasing(_ lines: inout Int) -> String {
        defer { lines = 0 }
        return lines == 0 ? "" : "\u{1B}[\(lines)A\r\u{1B}[J"
    }

    /// The bars, each a line.
    static func drawing(_ tally: DownloadTally, at now: Duration, width: Int, _ lines: inout Int) -> String {
        let width = max(20, width)
        var rows = tally.active.prefix(8).map { file in
            bar(name: file.path.description, file.done, of: file.size, tail: "", width: width)
        }
        var tail = tally.rate(at: now).map { " \(ByteText.of(Int($0)))/s" } ?? ""
        if let left = tally.secondsLeft(at: now) { tail += " \(ByteText.of(seconds: left))" }
        rows.append(
            bar(
                name: "\(tally.filesDone) of \(tally.files) files", tally.bytesDone, of: tally.bytes, tail: tail,
                width: width))
        lines = rows.count
        return rows.map { $0 + "\n" }.joined()
    }

    /// `model.safetensors  [#####-----]  45.0 MB of 90.9 MB`, cut to the width.
    private static func bar(name: String, _ done: Int, of size: Int, tail: String, width: Int) -> String {
        let figures = "\(ByteText.of(done)) of \(ByteText.of(size))\(tail)"
        let nameWidth = min(32, max(8, width / 3))
        let shown = HubError.quoted(name).dropFirst().dropLast()
        // The end of a path tells files apart.
        let label = shown.count > nameWidth ? "…" + shown.suffix(nameWidth - 1) : String(shown)
        let padded = label + String(repeating: " ", count: nameWidth - label.count)
        let barWidth = min(40, width - nameWidth - figures.count - 5)
        guard barWidth >= 5 else { return String("\(padded) \(figures)".prefix(width - 1)) }
        let share = size > 0 ? min(1, max(0, Double(done) / Double(size))) : 1
        let filled = Int(share * Double(barWidth))
        return "\(padded) [" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: barWidth - filled) + "] \(figures)"
    }
}
