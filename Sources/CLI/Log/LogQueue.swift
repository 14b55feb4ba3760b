import Dispatch
import Glibc
import Synchronization

/// Lines on their way to a file descriptor that may be slow, or that nobody reads.
///
/// Adding a line never waits: a thread of the queue writes. When too much is on its way, lines are dropped and counted,
/// and the count is told when there is room again.
package final class LogQueue: Sendable {
    fileprivate struct State {
        var text: [UInt8] = []
        var lines = 0
        var dropped = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let descriptor: Descriptor
    private let maxLines: Int
    private let maxBytes: Int
    private let notice: @Sendable (_ dropped: Int) -> [UInt8]
    /// Has a thread of its own while there is something to write.
    private let writer = DispatchQueue(label: "log")

    /// The way to standard error.
    static let standardError = LogQueue(descriptor: Descriptor.standardError.number) { dropped in
        LogLine(label: "penstock", level: .warning).bytes(
            "\(dropped) lines of this log were dropped: standard error took them too slowly")
    }

    /// Lets the process end only when what waits for standard error is written, or after a second.
    static func flushStandardErrorAtExit() { atexit { LogQueue.standardError.flush(within: .seconds(1)) } }

    /// A queue of at most so much, beside what is being written.
    ///
    /// - Parameter notice: the line that tells how many were dropped
    package init(
        descriptor: Int32, maxLines: Int = 8192, maxBytes: Int = 1 << 20,
        notice: @escaping @Sendable (_ dropped: Int) -> [UInt8]
    ) {
        self.descriptor = Descriptor(number: descriptor)
        self.maxLines = maxLines
        self.maxBytes = maxBytes
        self.notice = notice
    }

    /// Sends a line, its line feed included, on its way, or drops it.
    package func add(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.lines < maxLines, state.text.count + line.count <= maxBytes else {
                state.dropped += 1
                return false
            }
            state.text += line
            state.lines += 1
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst { writer.async { self.write() } }
    }

    /// Waits until all that was added is written, but no longer than `limit`.
    package func flush(within limit: DispatchTimeInterval) {
        let isDone = DispatchSemaphore(value: 0)
        writer.async { isDone.signal() }
        _ = isDone.wait(timeout: .now() + limit)
    }

    private func write() {
        while let (text, lines) = state.withLock({ $0.take(notice) }) {
            do throws(SystemError) {
                try descriptor.write(text)
            } catch {
                state.withLock { $0.dropped += lines }
            }
        }
    }
}

extension LogQueue.State {
    /// Takes what is there, with the count of dropped lines behind it; nil and an end of writing when there is nothing.
    fileprivate mutating func take(_ notice: (Int) -> [UInt8]) -> (text: [UInt8], lines: Int)? {
        guard lines > 0 else {
            isWriting = false
            return nil
        }
        if dropped > 0 { text += notice(dropped) }
        defer { (text, lines, dropped) = ([], 0, 0) }
        return (text, lines + dropped)
    }
}
