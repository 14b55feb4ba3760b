import PenstockJSON

extension Value {
    /// The value of a JSON document, whose texts and keys come from outside of the template unless they are trusted.
    ///
    /// - Throws: ``TemplateError`` if it is nested too deeply.
    init(_ json: JSONValue, isTrusted: Bool = false, levels: Int) throws(TemplateError) {
        guard levels >= 0 else { throw TemplateError(.limit, "a value is nested too deeply") }
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .text(TracedText(value, isTrusted: isTrusted))
        case .array(let elements):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try Value(element, isTrusted: isTrusted, levels: levels - 1)) }
            self = .list(ValueList(values))
        case .object(let object):
            var entries: [(Value, Value)] = []
            entries.reserveCapacity(object.entries.count)
            for entry in object.entries {
                let value = try Value(entry.value, isTrusted: isTrusted, levels: levels - 1)
                entries.append((.text(TracedText(entry.key, isTrusted: isTrusted)), value))
            }
            self = .dictionary(try ValueDictionary(entries))
        }
    }
}

/// Writes values as Python's `json.dumps` does.
struct ValueJSONWriter {
    /// The spaces of a level; nil for a document on one line.
    var indent: TracedText?
    var itemSeparator = TracedText(", ")
    var keySeparator = TracedText(": ")
    var escapesNonASCII = false
    var sortsKeys = false

    private(set) var text = TracedText()
    private var level = 0

    /// The longest text, in scalars: what is indented can be much longer than its value.
    let longest: Int

    init(longest: Int) { self.longest = longest }

    /// - Throws: ``TemplateError`` for a value that JSON does not have, or if the text becomes too long.
    mutating func write(_ value: Value) throws(TemplateError) {
        guard text.count <= longest else {
            throw TemplateError(.limit, "the JSON text has more than \(longest) characters")
        }
        switch value {
        case .null: text.append("null")
        case .bool(let value): text.append(value ? "true" : "false")
        case .integer(let value): text.append(String(value))
        case .double(let value): text.append(Self.digits(value))
        case .text(let value): write(quoted: value)
        case .list(let list), .tuple(let list), .group(let list): try write(list.elements)
        case .dictionary(let dictionary): try write(dictionary)
        default:
            throw TemplateError(.evaluation, "an object of type \(value.typeName) is not JSON serializable")
        }
    }

    private static func digits(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        return Value.digits(value)
    }

    private mutating func write(_ elements: [Value]) throws(TemplateError) {
        guard !elements.isEmpty else { return text.append("[]") }
        text.append("[")
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(itemSeparator) }
            startLine()
            try write(element)
        }
        level -= 1
        startLine()
        text.append("]")
    }

    private mutating func write(_ dictionary: ValueDictionary) throws(TemplateError) {
        guard dictionary.count > 0 else { return text.append("{}") }
        var entries = Array(zip(dictionary.keys, dictionary.values))
        if sortsKeys {
            entries = try sorted(entries) { left, right throws(TemplateError) in
                try Value.compare(left.0, .less, right.0)
            }
        }
        text.append("{")
        level += 1
        for (index, (key, value)) in entries.enumerated() {
            if index > 0 { text.append(itemSeparator) }
            startLine()
            write(quoted: try Self.key(key))
            text.append(keySeparator)
            try write(value)
        }
        level -= 1
        startLine()
        text.append("}")
    }

    private static func key(_ key: Value) throws(TemplateError) -> TracedText {
        switch key {
        case .text(let text): return text
        case .null: return TracedText("null")
        case .bool(let value): return TracedText(value ? "true" : "false")
        case .integer(let value): return TracedText(String(value))
        case .double(let value): return TracedText(digits(value))
        default:
            throw TemplateError(.evaluation, "keys must be str, int, float, bool or None, not \(key.typeName)")
        }
    }

    private mutating func startLine() {
        guard let indent else { return }
        text.append("\n")
        for _ in 0..<level where text.count <= longest { text.append(indent) }
    }

    private mutating func write(quoted value: TracedText) {
        text.append("\"")
        let escapesNonASCII = escapesNonASCII
        text.append(value.plain().mapped { scalar, _ in Self.escaped(scalar, escapesNonASCII) })
        text.append("\"")
    }

    private static func escaped(_ scalar: Unicode.Scalar, _ escapesNonASCII: Bool) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{8}": return "\\b"
        case "\u{C}": return "\\f"
        default:
            if scalar.value < 0x20 { return "\\u" + scalar.hexadecimal(width: 4) }
            // As in Python, the character for deletion is none of those that are left alone.
            guard escapesNonASCII, scalar.value > 0x7E else { return String(scalar) }
            return UTF16.encode(scalar).map { unit in
                unit.map { "\\u" + (Unicode.Scalar($0)?.hexadecimal(width: 4) ?? String($0, radix: 16)) }.joined()
            } ?? ""
        }
    }
}

/// The elements in the order of a comparison, those that are equal in their order before: a merge sort.
func sorted<Element>(
    _ elements: [Element], by isLess: (Element, Element) throws(TemplateError) -> Bool
) throws(TemplateError) -> [Element] {
    guard elements.count > 1 else { return elements }
    let middle = elements.count / 2
    let left = try sorted(Array(elements[..<middle]), by: isLess)
    let right = try sorted(Array(elements[middle...]), by: isLess)
    var merged: [Element] = []
    merged.reserveCapacity(elements.count)
    var (first, second) = (0, 0)
    while first < left.count, second < right.count {
        if try isLess(right[second], left[first]) {
            merged.append(right[second])
            second += 1
        } else {
            merged.append(left[first])
            first += 1
        }
    }
    return merged + left[first...] + right[second...]
}
