import PenstockJSON

extension Value {
    /// Python's `str` of the value.
    ///
    /// - Throws: ``TemplateError`` for a value whose text in Python is the address of an object.
    func printed() throws(TemplateError) -> TracedText {
        switch self {
        case .undefined: return TracedText()
        case .text(let text): return text
        default:
            var text = TracedText()
            try appendRepresentation(to: &text)
            return text
        }
    }

    /// Appends Python's `repr` of the value, in which texts are quoted.
    func appendRepresentation(to text: inout TracedText) throws(TemplateError) {
        switch self {
        case .undefined: text.append("Undefined")
        case .null: text.append("None")
        case .bool(let value): text.append(value ? "True" : "False")
        case .integer(let value): text.append(String(value))
        case .double(let value): text.append(Self.digits(value))
        case .text(let value): Self.append(quoted: value, to: &text)
        case .list(let list): try Self.append(list.elements, "[", "]", to: &text)
        case .tuple(let list), .group(let list):
            try Self.append(list.elements, "(", list.count == 1 ? ",)" : ")", to: &text)
        case .dictionary(let dictionary):
            text.append("{")
            for (index, (key, value)) in zip(dictionary.keys, dictionary.values).enumerated() {
                if index > 0 { text.append(", ") }
                try key.appendRepresentation(to: &text)
                text.append(": ")
                try value.appendRepresentation(to: &text)
            }
            text.append("}")
        case .view(let view): try Self.append(view.elements, "dict_\(view.kind.rawValue)([", "])", to: &text)
        case .range(let range):
            let step = range.step == 1 ? "" : ", \(range.step)"
            text.append("range(\(range.start), \(range.stop)\(step))")
        case .iterator, .function, .method, .macro, .namespace, .loop, .counter:
            throw TemplateError(.evaluation, "a value of type '\(typeName)' has no text")
        }
    }

    private static func append(
        _ elements: [Value], _ open: String, _ close: String, to text: inout TracedText
    ) throws(TemplateError) {
        text.append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(", ") }
            try element.appendRepresentation(to: &text)
        }
        text.append(close)
    }

    /// Python's `repr` of a double.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        var writer = JSONWriter(capacity: 32)
        writer.value(value)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// Appends Python's `repr` of a text: in double quotes if it has single ones only, with escapes for what cannot be
    /// printed.
    private static func append(quoted value: TracedText, to text: inout TracedText) {
        let quote: Unicode.Scalar =
            value.scalars.contains("'") && !value.scalars.contains("\"") ? "\"" : "'"
        if value.isMarkup { text.append("Markup(") }
        text.append(quote)
        text.append(value.mapped { scalar, _ in representation(scalar, quote: quote) })
        text.append(quote)
        if value.isMarkup { text.append(")") }
    }

    private static func representation(_ scalar: Unicode.Scalar, quote: Unicode.Scalar) -> String {
        switch scalar {
        case quote, "\\": return "\\\(scalar)"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            if scalar.isPythonPrintable { return String(scalar) }
            let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
            return "\\" + mark + scalar.hexadecimal(width: width)
        }
    }
}

extension Unicode.Scalar {
    /// The value in hexadecimal digits, at least so many.
    func hexadecimal(width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
