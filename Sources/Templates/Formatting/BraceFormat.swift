extension Renderer {
    /// Python's `str.format`.
    func braceFormat(_ format: TracedText, _ arguments: Arguments) throws(TemplateError) -> TracedText {
        var fields = BraceFields(positional: arguments.positional)
        for (name, value) in arguments.named { fields.named[TracedText(name)] = value }
        return try braceFormat(format, &fields, level: 0)
    }

    /// Python's `str.format_map`.
    func braceFormat(_ format: TracedText, named: Value) throws(TemplateError) -> TracedText {
        guard case .dictionary(let dictionary) = named else {
            throw TemplateError(.evaluation, "format_map takes a mapping, not '\(named.typeName)'")
        }
        var fields = BraceFields(positional: [])
        try charge(dictionary.size)
        for (key, value) in zip(dictionary.keys, dictionary.values) {
            if case .text(let name) = key { fields.named[name] = value }
        }
        return try braceFormat(format, &fields, level: 0)
    }

    private func braceFormat(
        _ format: TracedText, _ fields: inout BraceFields, level: Int
    ) throws(TemplateError) -> TracedText {
        guard level <= 1 else { throw TemplateError(.evaluation, "Max string recursion exceeded") }
        var result = TracedText()
        result.isMarkup = format.isMarkup
        var offset = 0
        while offset < format.count {
            let scalar = format.scalars[offset]
            let isDouble = offset + 1 < format.count && format.scalars[offset + 1] == scalar
            if scalar != "{", scalar != "}" {
                let start = offset
                while offset < format.count, !"{}".unicodeScalars.contains(format.scalars[offset]) { offset += 1 }
                result.append(format, start..<offset)
            } else if isDouble {
                result.append(format, offset..<offset + 1)
                offset += 2
            } else if scalar == "{" {
                let end = try Self.fieldEnd(format, offset + 1)
                var text = try field(format[offset + 1..<end], &fields, level: level)
                if format.isMarkup { text = try escaped(text) }
                try expect(size: result.count + text.count)
                result.append(text)
                offset = end + 1
            } else {
                throw TemplateError(.evaluation, "Single '}' encountered in format string")
            }
        }
        return result
    }

    private static func fieldEnd(_ format: TracedText, _ start: Int) throws(TemplateError) -> Int {
        var depth = 1
        for offset in start..<format.count {
            if format.scalars[offset] == "{" { depth += 1 }
            if format.scalars[offset] == "}" { depth -= 1 }
            if depth == 0 { return offset }
        }
        throw TemplateError(.evaluation, "expected '}' before end of string")
    }

    /// The text in the place of `name!conversion:specification`.
    private func field(
        _ field: TracedText, _ fields: inout BraceFields, level: Int
    ) throws(TemplateError) -> TracedText {
        let nameEnd = field.scalars.firstIndex { $0 == "!" || $0 == ":" } ?? field.count
        var value = try self.value(ofField: field[0..<nameEnd], &fields)
        var offset = nameEnd
        if offset < field.count, field.scalars[offset] == "!" {
            guard offset + 1 < field.count, offset + 2 == field.count || field.scalars[offset + 2] == ":" else {
                throw TemplateError(.evaluation, "expected ':' after conversion specifier")
            }
            switch field.scalars[offset + 1] {
            case "s": value = .text(try printed(value))
            case "r": value = .text(try represented(value))
            case let other: throw TemplateError(.evaluation, "Unknown conversion specifier '\(other)'")
            }
            offset += 2
        }
        guard offset < field.count else { return try formatted(value, FormatSpecification()) }
        let text = try braceFormat(field[offset + 1..<field.count].plain(), &fields, level: level + 1)
        let specification = try FormatSpecification(text)
        try expect(size: specification.width)
        if text.isEmpty { return try formatted(value, FormatSpecification()) }
        switch value {
        case .text, .integer, .double: return try formatted(value, specification)
        case .bool(let bool): return try specification.applied(to: bool ? 1 : 0)
        default:
            throw TemplateError(
                .evaluation, "unsupported format string passed to \(value.typeName).__format__")
        }
    }

    private func formatted(_ value: Value, _ specification: FormatSpecification) throws(TemplateError) -> TracedText {
        switch value {
        case .text(let text): return try specification.applied(to: text)
        case .integer(let integer): return try specification.applied(to: integer)
        case .double(let double): return try specification.applied(to: double)
        default: return try specification.applied(to: printed(value))
        }
    }

    /// The value of a name or a number with attributes and items behind it.
    private func value(ofField name: TracedText, _ fields: inout BraceFields) throws(TemplateError) -> Value {
        let end = name.scalars.firstIndex { $0 == "." || $0 == "[" } ?? name.count
        var value = try fields.value(name[0..<end])
        var offset = end
        while offset < name.count {
            let start = offset + 1
            if name.scalars[offset] == "." {
                offset = name.scalars[start...].firstIndex { $0 == "." || $0 == "[" } ?? name.count
                value = try attribute(Attribute(name[start..<offset].plain()), of: value)
            } else if name.scalars[offset] == "[", let close = name.scalars[start...].firstIndex(of: "]") {
                let key = name[start..<close].plain()
                let index = key.all(\.isASCIIDigit) ? NumberText.integer(key).value : nil
                value = try item(index.map(Value.integer) ?? .text(key), of: value)
                offset = close + 1
            } else {
                throw TemplateError(.evaluation, "a field name is malformed")
            }
            guard start < offset else { throw TemplateError(.evaluation, "Empty attribute in format string") }
        }
        return value
    }
}

/// The values for the fields of a format in braces.
private struct BraceFields {
    let positional: [Value]
    var named: [TracedText: Value] = [:]
    private var next = 0
    private var isNumbered: Bool?

    init(positional: [Value]) { self.positional = positional }

    mutating func value(_ name: TracedText) throws(TemplateError) -> Value {
        let isNumber = name.all(\.isASCIIDigit)
        guard isNumber || name.isEmpty else {
            if let value = named[name.plain()] { return value }
            throw TemplateError(.evaluation, "the format's key '\(name.string.prefix(100))' is missing")
        }
        guard isNumbered == nil || isNumbered == isNumber else {
            throw TemplateError(
                .evaluation, "cannot switch between manual field specification and automatic field numbering")
        }
        isNumbered = isNumber
        let index = isNumber ? NumberText.integer(name).value ?? .max : next
        if !isNumber { next += 1 }
        guard index < positional.count else {
            throw TemplateError(.evaluation, "Replacement index \(index) out of range for positional args tuple")
        }
        return positional[index]
    }
}
