import NIOCore

extension ByteBuffer {
    /// A server-sent event: a line of JSON, and an empty one behind it.
    ///
    /// Some clients take U+0085, U+2028 and U+2029 for ends of lines, so that they are escaped.
    init(event json: [UInt8]) {
        self.init()
        reserveCapacity(json.count + 8)
        writeString("data:")
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
        writeString("\n\n")
    }
}
