import Glibc
import Logging

/// A line of the log: time, level, label, message, and metadata as `key=value`.
package struct LogLine {
    private let head: String

    /// Bytes of the longest line; the rest is cut. No longer than what a pipe takes in one piece.
    package static let maxBytes = 4096

    /// The head of a line, of this moment.
    package init(label: String, level: Logger.Level) { head = "\(Self.timestamp()) \(level) \(label): " }

    /// The line with its line feed. What does not show is escaped, so that no text of a client looks like a line.
    package func bytes(_ message: String, metadata: Logger.Metadata = [:]) -> [UInt8] {
        let fields = metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var line = Array(head.utf8)
        for scalar in ([message] + fields).joined(separator: " ").unicodeScalars {
            let shown = scalar.shown.utf8
            guard line.count + shown.count + Self.ellipsis.count < Self.maxBytes else {
                line += Self.ellipsis
                break
            }
            line += shown
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static let ellipsis = Array("…".utf8)

    /// The time as ISO 8601 has it, in UTC.
    static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
        let time = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
        return "\(date)T\(time).\(digits(now.tv_nsec / 1_000_000, 3))Z"
    }
}
