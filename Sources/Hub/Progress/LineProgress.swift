import Synchronization

/// Progress as lines of a log, one in five seconds at most, and one at the end.
package final class LineProgress: DownloadProgress {
    private struct State {
        var tally = DownloadTally()
        var last: Duration?
    }

    private let state = Mutex(State())
    private let write: @Sendable (_ line: String) -> Void
    private let clock: HubClock
    private static let interval = Duration.seconds(5)

    /// - Parameter write: takes a line, without a line feed
    package init(clock: HubClock = .system, write: @escaping @Sendable (_ line: String) -> Void) {
        (self.clock, self.write) = (clock, write)
    }

    package func report(_ event: DownloadEvent) {
        let now = clock.now()
        let line: String? = state.withLock { state in
            state.tally.add(event, at: now)
            switch event {
            case .note(let text): return text
            case .waiting(let path): return "waits for another download of the bytes of \(path)"
            default: break
            }
            guard state.tally.bytesDone < state.tally.bytes else { return nil }
            // The first line comes after a while, so that what is quick says nothing but its end.
            guard let last = state.last else {
                state.last = now
                return nil
            }
            guard now - last >= Self.interval else { return nil }
            state.last = now
            return Self.line(state.tally, at: now)
        }
        if let line { write(line) }
    }

    package func end() {
        if let line = state.withLock({ $0.tally.summary }) { write(line) }
    }

    private static func line(_ tally: DownloadTally, at now: Duration) -> String {
        var line = "\(ByteText.of(tally.bytesDone)) of \(ByteText.of(tally.bytes)) downloaded"
        if let rate = tally.rate(at: now) { line += ", \(ByteText.of(Int(rate)))/s" }
        if let left = tally.secondsLeft(at: now) { line += ", \(ByteText.of(seconds: left)) left" }
        return line
    }
}
