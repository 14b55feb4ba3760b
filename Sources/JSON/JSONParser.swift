/// An error that says why a text is not JSON.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// A sentence that says what is wrong.
    public let message: String
    /// The place of the fault: bytes from the start of the text.
    public let offset: Int

    /// The message with its place.
    public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
    /// Reads one JSON document (RFC 8259) that fills `bytes`, surrounded by nothing but white space. A byte-order mark
    /// before it is skipped.
    ///
    /// - Parameters:
    ///   - bytes: the text, in UTF-8
    ///   - dialect: how numbers are read
    /// - Throws: ``JSONError`` for anything else: malformed or truncated text, invalid UTF-8, a lone surrogate escape,
    ///   a number beyond double precision, or nesting deeper than 256 levels. No input traps.
    public init(parsing bytes: some Sequence<UInt8>, dialect: JSONDialect = .standard) throws(JSONError) {
        let parsed: Result<JSONValue, JSONError>? = bytes.withContiguousStorageIfAvailable { Self.parse($0, dialect) }
        guard let parsed else {
            self = try Array(bytes).withUnsafeBufferPointer { Self.parse($0, dialect) }.get()
            return
        }
        self = try parsed.get()
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, _ dialect: JSONDialect
    ) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes, dialect: dialect)
        return Result { () throws(JSONError) in try parser.document() }
    }
}

/// A recursive descent over the bytes of one document.
private struct JSONParser {
    static let deepestNesting = 256

    let bytes: UnsafeBufferPointer<UInt8>
    let dialect: JSONDialect
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, dialect: JSONDialect) { (self.bytes, self.dialect) = (bytes, dialect) }

    mutating func document() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        guard !isInWiderUnits else { throw error("expected UTF-8, not UTF-16 or UTF-32") }
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw error("unexpected text after the document") }
        return value
    }

    private func error(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message: message, offset: offset ?? position)
    }

    /// The text begins with a mark of UTF-16 or UTF-32, or with a character of theirs.
    private var isInWiderUnits: Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.count > 1 && bytes.prefix(2).contains(0) && bytes.prefix(4).contains { $0 != 0 }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard let byte = current else { throw error("unexpected end") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in .array(try parser.array()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "N") where dialect == .python: return try literal("NaN", .double(.nan))
        case UInt8(ascii: "I") where dialect == .python: return try literal("Infinity", .double(.infinity))
        case UInt8(ascii: "-") where dialect == .python && position + 1 < bytes.count && bytes[position + 1] == 0x49:
            return try literal("-Infinity", .double(-.infinity))
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout Self) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < Self.deepestNesting else { throw error("nested deeper than \(Self.deepestNesting) levels") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    /// Steps over `byte` after white space, if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipWhitespace()
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return object }
        repeat {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw error("expected a key") }
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw error("expected ':'") }
            object.append(key, try value())
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("expected ',' or '}'") }
        return object
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("expected ',' or ']'") }
        return elements
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        let matches = text.withUTF8Buffer { end <= bytes.count && $0.elementsEqual(bytes[position..<end]) }
        guard matches else { throw error("expected a value") }
        position = end
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let digits = skipDigits()
        guard digits > 0 else { throw error("expected a value", at: start) }
        guard digits == 1 || bytes[position - digits] != UInt8(ascii: "0") else {
            throw error("a number with a leading zero", at: start)
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            position += 1
            isInteger = false
            guard skipDigits() > 0 else { throw error("expected a digit") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            isInteger = false
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw error("expected a digit") }
        }
        let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if isInteger, let integer = Int(String(decoding: text, as: UTF8.self)) { return .integer(integer) }
        guard let double = dialect.double(of: text) else { throw error("a number out of range", at: start) }
        return .double(double)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return try text(start..<position)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw error("a control character in a string")
            default: position += 1
            }
        }
        throw error("a string without end", at: start - 1)
    }

    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw error("invalid UTF-8 in a string", at: range.lowerBound)
        }
        return text
    }

    /// The rest of a string that has escapes; `position` is at the first backslash.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var result = try text(start..<position)
        var plain = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                result += try text(plain..<position)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += try text(plain..<position)
                result.unicodeScalars.append(try escape())
                plain = position
            case 0..<0x20: throw error("a control character in a string")
            default: position += 1
            }
        }
        throw error("a string without end", at: start - 1)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        guard position + 1 < bytes.count else { throw error("a string without end") }
        position += 2
        switch bytes[position - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("an unknown escape", at: start)
        }
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error("a lone surrogate", at: start) }
        position += 2
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(low - 0xDC00))
        else { throw error("a lone surrogate", at: start) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error("a string without end") }
        var value: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }
}
