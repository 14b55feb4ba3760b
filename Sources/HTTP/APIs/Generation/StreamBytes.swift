import NIOCore

/// Bytes of an answer that is streamed, as they gather until they are sent.
///
/// Each value is JSON within a line. Some clients take U+0085, U+2028 and U+2029 for ends of lines, so that they are
/// escaped in all of them.
struct StreamBytes: Sendable {
    /// The media type of server-sent events.
    static let eventStream = "text/event-stream"

    private var buffer = ByteBuffer()

    /// Adds a server-sent event, `data: JSON` and an empty line, with a line `event: NAME` before it if it has a name.
    mutating func add(event json: [UInt8], named name: String? = nil) {
        if let name { buffer.writeString("event: \(name)\n") }
        buffer.writeString("data: ")
        buffer.writeLine(of: json)
        buffer.writeString("\n\n")
    }

    /// Adds a server-sent event without a space behind `data:`, as Text Generation Inference has it.
    mutating func add(compactEvent json: [UInt8]) {
        buffer.writeString("data:")
        buffer.writeLine(of: json)
        buffer.writeString("\n\n")
    }

    /// Adds `data: [DONE]` and an empty line, by which clients of OpenAI know the end.
    mutating func addDone() { buffer.writeString("data: [DONE]\n\n") }

    /// Adds a comment, which stands in front of the next event: some clients take an empty line for the end of an event
    /// without data.
    mutating func addKeepAlive() { buffer.writeString(": keep-alive\n") }

    /// Adds a line of JSON.
    mutating func add(line json: [UInt8]) {
        buffer.writeLine(of: json)
        buffer.writeString("\n")
    }

    /// Takes what has gathered; nil if that is nothing.
    mutating func take() -> ByteBuffer? {
        guard buffer.readableBytes > 0 else { return nil }
        defer { buffer = ByteBuffer() }
        return buffer
    }
}

extension ByteBuffer {
    /// Writes JSON text so that nobody takes a part of it for the end of a line.
    fileprivate mutating func writeLine(of json: [UInt8]) {
        var rest = json[...]
        while let index = rest.firstIndex(where: { $0 == 0xC2 || $0 == 0xE2 }) {
            writeBytes(rest[..<index])
            rest = rest[index...]
            if rest.starts(with: [0xC2, 0x85]) {
                writeString("\\u0085")
                rest.removeFirst(2)
            } else if rest.starts(with: [0xE2, 0x80, 0xA8]) || rest.starts(with: [0xE2, 0x80, 0xA9]) {
                writeString(rest[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                rest.removeFirst(3)
            } else {
                writeInteger(rest.removeFirst())
            }
        }
        writeBytes(rest)
    }
}
