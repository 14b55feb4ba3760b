import PenstockJSON

extension JSONValue {
    /// The value as an error message shows it: short whatever a client sent.
    package var excerpt: String {
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
    package var excerpt: String { "\"\(cut(after: 40))\"" }

    /// The text, or as many of its first characters as have no more than so many scalars together, and an ellipsis.
    ///
    /// A character that has more scalars by itself is cut, too.
    package func cut(after longest: Int) -> String {
        let start = Substring(unicodeScalars.prefix(longest + 1))
        guard start.unicodeScalars.count > longest else { return self }
        let whole = start.dropLast()
        return (whole.isEmpty ? String(Substring(unicodeScalars.prefix(longest))) : String(whole)) + "…"
    }
}
