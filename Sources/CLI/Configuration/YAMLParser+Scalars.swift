extension YAMLParser {
    // MARK: Values on a line

    /// A scalar, or a collection in brackets.
    mutating func inlineValue(isInFlow: Bool) throws(YAMLError) -> YAMLNode {
        switch peek() {
        case UInt8(ascii: "["): return try nested { (parser) throws(YAMLError) in try parser.flowSequence() }
        case UInt8(ascii: "{"): return try nested { (parser) throws(YAMLError) in try parser.flowMapping() }
        default: return try scalar(isInFlow: isInFlow, isKey: false)
        }
    }

    private mutating func flowSequence() throws(YAMLError) -> YAMLNode {
        var nodes: [YAMLNode] = []
        try flow(until: UInt8(ascii: "]")) { (parser) throws(YAMLError) in
            nodes.append(try parser.inlineValue(isInFlow: true))
        }
        return .sequence(nodes)
    }

    private mutating func flowMapping() throws(YAMLError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        try flow(until: UInt8(ascii: "}")) { (parser) throws(YAMLError) in
            let line = parser.line
            let key = try parser.key(isInFlow: true)
            try Self.check(key, isNewIn: entries, line)
            try parser.skipToContent()
            let isMissing = parser.peek().map { ",}".utf8.contains($0) } ?? true
            let value = isMissing ? .scalar("", isPlain: true) : try parser.inlineValue(isInFlow: true)
            entries.append(.init(key: key, value: value, line: line))
        }
        return .mapping(entries)
    }

    /// Reads elements with commas between them, and the bracket behind.
    private mutating func flow(
        until end: UInt8, _ element: (inout Self) throws(YAMLError) -> Void
    ) throws(YAMLError) {
        let start = line
        position += 1
        while true {
            try skipToContent()
            guard let byte = peek() else { throw YAMLError(line: start, message: "the bracket is not closed") }
            if byte == end { break }
            try element(&self)
            try skipToContent()
            switch peek() {
            case UInt8(ascii: ","): position += 1
            case end: break
            case nil: throw YAMLError(line: start, message: "the bracket is not closed")
            default: throw error("there has to be a comma or the end of the bracket")
            }
        }
        position += 1
    }

    // MARK: Scalars

    mutating func scalar(isInFlow: Bool, isKey: Bool) throws(YAMLError) -> YAMLNode {
        switch peek() {
        case UInt8(ascii: "\""): return .scalar(try doubleQuoted(), isPlain: false)
        case UInt8(ascii: "'"): return .scalar(try singleQuoted(), isPlain: false)
        case UInt8(ascii: "&"): throw error("anchors are not supported; a text that begins with & needs quotes")
        case UInt8(ascii: "*"): throw error("aliases are not supported; a text that begins with * needs quotes")
        case UInt8(ascii: "!"): throw error("tags are not supported; a text that begins with ! needs quotes")
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            throw error("texts in blocks (| and >) are not supported; write one line in quotes, with \\n")
        case UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "%"), UInt8(ascii: "]"), UInt8(ascii: "}"),
            UInt8(ascii: ","):
            throw error("a text that begins with such a character needs quotes")
        case UInt8(ascii: "-") where isFollowedBySpace, UInt8(ascii: "?") where isFollowedBySpace:
            throw error("a list begins in a line of its own; a text that begins like one needs quotes")
        default: return .scalar(try plain(isInFlow: isInFlow, isKey: isKey), isPlain: true)
        }
    }

    /// Text up to a colon and a space, a space and a `#`, the end of the line, or what separates values in brackets.
    private mutating func plain(isInFlow: Bool, isKey: Bool) throws(YAMLError) -> String {
        let start = position
        var end = position
        while let byte = peek(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            if isInFlow, ",[]{}".utf8.contains(byte) { break }
            if isColon(isInFlow: isInFlow) {
                if isKey || isInFlow { break }
                throw error("a text with a colon and a space in it needs quotes")
            }
            if byte == UInt8(ascii: "#"),
                position == start || bytes[position - 1] == 0x20 || bytes[position - 1] == 0x09
            {
                break
            }
            position += 1
            if byte != 0x20, byte != 0x09 { end = position }
        }
        guard end > start else { throw error("there is a colon, but no key before it") }
        // Spaces before a comment are not the text's.
        position = end
        return try text(bytes[start..<end])
    }

    private mutating func singleQuoted() throws(YAMLError) -> String {
        var text: [UInt8] = []
        position += 1
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            position += 1
            if byte == UInt8(ascii: "'") {
                guard peek() == UInt8(ascii: "'") else { return try self.text(text[...]) }
                position += 1
            }
            text.append(byte)
        }
        throw error("the quotes do not end in their line")
    }

    private mutating func doubleQuoted() throws(YAMLError) -> String {
        var text: [UInt8] = []
        position += 1
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try self.text(text[...])
            case UInt8(ascii: "\\"): text += try Array(String(escape()).utf8)
            default: text.append(byte)
            }
        }
        throw error("the quotes do not end in their line")
    }

    /// The scalar of an escape, behind its backslash.
    private mutating func escape() throws(YAMLError) -> Unicode.Scalar {
        let simple: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "n"): "\n", UInt8(ascii: "t"): "\t", UInt8(ascii: "r"): "\r", UInt8(ascii: "0"): "\0",
            UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "e"): "\u{1B}",
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: " "): " ",
        ]
        guard let byte = peek() else { throw error("the quotes do not end in their line") }
        position += 1
        if let scalar = simple[byte] { return scalar }
        let digits = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][byte]
        guard let digits, var code = hexadecimal(digits) else { throw error("there is no such escape") }
        // Two halves of a scalar, as JSON writes what four digits cannot.
        if 0xD800..<0xDC00 ~= code, bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            guard let low = hexadecimal(4), 0xDC00..<0xE000 ~= low else { throw error("there is no such escape") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("there is no such escape") }
        return scalar
    }

    private mutating func hexadecimal(_ count: Int) -> UInt32? {
        let digits = bytes[position...].prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        position += count
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(YAMLError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw error("the text is not UTF-8") }
        return text
    }

    // MARK: Places

    /// The byte here; nil at the end.
    func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The line of the position, from 1.
    var line: Int { 1 + bytes.prefix(position).count { $0 == UInt8(ascii: "\n") } }

    /// Bytes of the line before the position.
    var column: Int { position - (bytes[..<position].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) }

    func error(_ message: String) -> YAMLError { YAMLError(line: line, message: message) }

    /// True if white space or the end is behind the byte here.
    var isFollowedBySpace: Bool {
        guard position + 1 < bytes.count else { return true }
        return " \t\r\n".utf8.contains(bytes[position + 1])
    }

    /// True if an element of a sequence starts here.
    var isDash: Bool { peek() == UInt8(ascii: "-") && isFollowedBySpace }

    /// Tells whether a colon is here that ends a key.
    func isColon(isInFlow: Bool) -> Bool {
        guard peek() == UInt8(ascii: ":") else { return false }
        return isFollowedBySpace || isInFlow && ",[]{}".utf8.contains(bytes[position + 1])
    }

    /// Tells whether a line of these characters is here.
    func isMarker(_ text: String) -> Bool {
        guard column == 0, bytes[position...].starts(with: text.utf8) else { return false }
        let end = position + text.utf8.count
        return end == bytes.count || " \t\r\n".utf8.contains(bytes[end])
    }

    /// True if nothing but a comment is left of the line.
    var isAtLineEnd: Bool { peek().map { "#\r\n".utf8.contains($0) } ?? true }

    mutating func skipSpaces() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 { position += 1 }
    }

    /// Goes behind spaces, line ends and comments.
    ///
    /// - Throws: ``YAMLError`` for a tab before content, which would be indented by nobody knows how much
    mutating func skipToContent() throws(YAMLError) {
        var (isLineStart, hasTab) = (column == 0, false)
        while let byte = peek() {
            switch byte {
            case 0x20: position += 1
            case 0x09:
                hasTab = isLineStart
                position += 1
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                (isLineStart, hasTab) = (true, false)
                position += 1
            case UInt8(ascii: "#"):
                while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
            default:
                if hasTab { throw error("there is a tab before the text; indent by spaces") }
                return
            }
        }
    }

    /// Goes behind what may stand behind a value.
    mutating func endLine() throws(YAMLError) {
        let before = position
        skipSpaces()
        guard isAtLineEnd, peek() != UInt8(ascii: "#") || position > before else {
            throw error("there is something behind the value; a text of several parts needs quotes")
        }
        while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
    }
}
