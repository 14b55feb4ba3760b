import PenstockJSON

extension JSONValue {
    /// The value as an error message shows it: short whatever a client sent.
    var excerpt: String {
        switch self {
        case .string(let text): text.excerpt
        case .array, .object: kind
        case .null, .bool, .integer, .double:
            String(decoding: written, as: UTF8.self)
        }
    }

    private var written: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }
}

extension String {
    /// The text in quotes as an error message shows it, cut after 40 scalars.
    var excerpt: String {
        let longest = 40
        let start = String(String.UnicodeScalarView(unicodeScalars.prefix(longest)))
        return "\"\(start)\(start.utf8.count < utf8.count ? "…" : "")\""
    }
}
