import PenstockJSON

/// JSON text in which some values stand as they are, whether they are JSON or not.
enum LooseJSON {
    /// Stands before the texts that do.
    private static let mark: Unicode.Scalar = "\u{F8FF}"
    /// Bytes behind which nothing more is written.
    private static let mostBytes = 3 << 19

    /// A value that stands as it is.
    static func raw(_ text: String) -> JSONValue { .string("\(mark)\(text)") }

    /// The text of a value that stands as it is; nil for others.
    static func rawText(_ value: JSONValue) -> [UInt8]? {
        guard let text = value.string, text.unicodeScalars.first == mark else { return nil }
        return Array(String(text.unicodeScalars.dropFirst()).utf8)
    }

    /// The text of a document.
    static func bytes(_ document: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        write(document, into: &bytes)
        return bytes
    }

    private static func write(_ value: JSONValue, into bytes: inout [UInt8]) {
        guard bytes.count < mostBytes else { return }
        if let raw = rawText(value) {
            bytes += raw
            return
        }
        switch value {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element, into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in object.entries.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(.string(entry.key), into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                write(entry.value, into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .null, .bool, .integer, .double, .string:
            var writer = JSONWriter()
            writer.value(value)
            bytes += writer.finish()
        }
    }
}
