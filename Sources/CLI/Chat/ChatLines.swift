/// Lines that somebody says.
protocol ChatLines {
    /// The next line; nil at the end.
    ///
    /// - Parameter goesOn: whether it belongs to the message of the line before
    mutating func next(goesOn: Bool) async throws -> ChatLine?
    /// True if somebody sits there.
    var isTerminal: Bool { get }
}

/// A line, or that it was given up.
enum ChatLine: Equatable {
    case text(String)
    /// Ctrl-C.
    case interrupt
}

/// The lines of standard input.
struct PipedLines: ChatLines {
    private var records: RecordSource.Iterator

    let isTerminal = false

    @MainActor init() { records = RecordSource(.standardInput, LineSplitter()).makeAsyncIterator() }

    mutating func next(goesOn: Bool) async throws -> ChatLine? {
        guard let record = try await records.next() else { return nil }
        guard let text = String(validating: record.fields.first ?? [], as: UTF8.self) else {
            throw CommandFailure(message: "standard input is not UTF-8")
        }
        return .text(text)
    }
}

/// Puts messages together of lines.
package struct MessageLines {
    private static let quotes = "\"\"\""

    private var lines: [String] = []
    private var isQuoted = false

    /// No line yet.
    package init() {}

    /// True within a message that is not at its end.
    package var isOpen: Bool { isQuoted || !lines.isEmpty }

    /// Takes a line. Returns the message that it ends, if it ends one.
    package mutating func take(_ line: String) -> String? {
        if isQuoted {
            guard line == Self.quotes else {
                lines.append(line)
                return nil
            }
            return finish()
        }
        if lines.isEmpty, line == Self.quotes {
            isQuoted = true
            return nil
        }
        if line.hasSuffix("\\") {
            lines.append(String(line.dropLast()))
            return nil
        }
        lines.append(line)
        return finish()
    }

    /// Ends the message. Returns its text; nil if it has no line.
    package mutating func finish() -> String? {
        defer { (lines, isQuoted) = ([], false) }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
