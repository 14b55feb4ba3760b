extension Renderer {
    /// Python's `text % values`.
    func percentFormat(_ format: TracedText, _ values: Value) throws(TemplateError) -> TracedText {
        var arguments = PercentArguments(values)
        var result = TracedText()
        result.isMarkup = format.isMarkup
        var offset = 0
        while offset < format.count {
            let start = offset
            while offset < format.count, format.scalars[offset] != "%" { offset += 1 }
            result.append(format, start..<offset)
            guard offset < format.count else { break }
            var rest = format.scalars[(offset + 1)...]
            if rest.first == "%" {
                result.append("%")
                offset += 2
                continue
            }
            let key = try Self.key(&rest, format)
            let specification = try Self.specification(&rest, &arguments)
            guard let conversion = rest.first else { throw TemplateError(.evaluation, "incomplete format") }
            offset = rest.startIndex + 1
            if conversion == "%" {
                result.append("%")
                continue
            }
            try expect(size: specification.width)
            let value: Value
            if let key { value = try arguments.value(ofKey: key) } else { value = try arguments.next() }
            var text = try field(value, specification, conversion)
            if format.isMarkup, "sra".unicodeScalars.contains(conversion) { text = try escaped(text) }
            try expect(size: result.count + text.count)
            result.append(text)
        }
        guard arguments.isUsedUp else {
            throw TemplateError(.evaluation, "not all arguments converted during string formatting")
        }
        return result
    }

    private static func key(
        _ rest: inout ArraySlice<Unicode.Scalar>, _ format: TracedText
    ) throws(TemplateError) -> TracedText? {
        guard rest.first == "(" else { return nil }
        var (depth, end) = (0, rest.startIndex)
        while end < rest.endIndex {
            if rest[end] == "(" { depth += 1 }
            if rest[end] == ")" { depth -= 1 }
            if depth == 0 { break }
            end += 1
        }
        guard end < rest.endIndex else { throw TemplateError(.evaluation, "incomplete format key") }
        let key = format[rest.startIndex + 1..<end]
        rest = rest[(end + 1)...]
        return key
    }

    /// Flags, width, precision and length.
    private static func specification(
        _ rest: inout ArraySlice<Unicode.Scalar>, _ arguments: inout PercentArguments
    ) throws(TemplateError) -> FormatSpecification {
        var result = FormatSpecification()
        var isLeft = false
        var isZero = false
        flags: while let flag = rest.first {
            switch flag {
            case "-": isLeft = true
            case "0": isZero = true
            case "+": result.sign = "+"
            case " ": if result.sign != "+" { result.sign = " " }
            case "#": result.isAlternate = true
            default: break flags
            }
            rest = rest.dropFirst()
        }
        result.width = try number(&rest, &arguments) ?? 0
        if result.width < 0 {
            (isLeft, result.width) = (true, 0.subtractingReportingOverflow(result.width).partialValue)
        }
        if rest.first == "." {
            rest = rest.dropFirst()
            result.precision = max(0, try number(&rest, &arguments) ?? 0)
        }
        if let length = rest.first, "hlL".unicodeScalars.contains(length) { rest = rest.dropFirst() }
        result.alignment = isLeft ? "<" : isZero ? "=" : ">"
        if isZero, !isLeft { result.fill = "0" }
        return result
    }

    private static func number(
        _ rest: inout ArraySlice<Unicode.Scalar>, _ arguments: inout PercentArguments
    ) throws(TemplateError) -> Int? {
        guard rest.first == "*" else { return try FormatSpecification.number(&rest) }
        rest = rest.dropFirst()
        return try arguments.next().argument("*")
    }

    private func field(
        _ value: Value, _ specification: FormatSpecification, _ conversion: Unicode.Scalar
    ) throws(TemplateError) -> TracedText {
        var specification = specification
        switch conversion {
        case "s", "r":
            specification.type = nil
            if specification.alignment == "=" { (specification.alignment, specification.fill) = (">", " ") }
            return try specification.applied(to: conversion == "s" ? printed(value) : represented(value))
        case "d", "i", "u", "x", "X", "o":
            var integer = value.integer
            if case .double(let double) = value, "diu".unicodeScalars.contains(conversion) {
                integer = Int(exactly: double.rounded(.towardZero))
                if integer == nil { throw Self.overflow }
            }
            guard let integer else {
                throw TemplateError(.evaluation, "%\(conversion): a number is required, not \(value.typeName)")
            }
            specification.type = "diu".unicodeScalars.contains(conversion) ? "d" : conversion
            let digits = specification.precision ?? 0
            specification.precision = nil
            guard digits > String(integer.magnitude, radix: 10).count else {
                return try specification.applied(to: integer)
            }
            throw TemplateError(.unsupported, "a precision of integers is not supported in '%' formats")
        case "e", "E", "f", "F", "g", "G":
            guard let double = value.double else {
                throw TemplateError(.evaluation, "must be real number, not \(value.typeName)")
            }
            specification.type = conversion
            return try specification.applied(to: double)
        case "c":
            if case .text(let text) = value, text.count == 1 {
                if specification.alignment == "=" { (specification.alignment, specification.fill) = (">", " ") }
                return try specification.applied(to: text)
            }
            specification.type = "c"
            let code: Int = try value.argument("%c")
            return try specification.applied(to: code)
        default:
            throw TemplateError(.evaluation, "unsupported format character '\(conversion)'")
        }
    }

    /// The text of a value by Python's `repr`.
    func represented(_ value: Value) throws(TemplateError) -> TracedText {
        try charge(value.size)
        var text = TracedText()
        try value.appendRepresentation(to: &text)
        try expect(size: text.count)
        return text
    }
}

/// The values for the fields of a `%` format.
private struct PercentArguments {
    private let values: [Value]
    private let mapping: ValueDictionary?
    private var used = 0
    private let allowsMore: Bool

    init(_ value: Value) {
        switch value {
        case .tuple(let list), .group(let list): (values, mapping, allowsMore) = (list.elements, nil, false)
        case .dictionary(let dictionary): (values, mapping, allowsMore) = ([value], dictionary, true)
        case .list, .view, .range, .undefined: (values, mapping, allowsMore) = ([value], nil, true)
        default: (values, mapping, allowsMore) = ([value], nil, false)
        }
    }

    var isUsedUp: Bool { allowsMore || used >= values.count }

    mutating func next() throws(TemplateError) -> Value {
        guard used < values.count else {
            throw TemplateError(.evaluation, "not enough arguments for format string")
        }
        used += 1
        return values[used - 1]
    }

    func value(ofKey key: TracedText) throws(TemplateError) -> Value {
        guard let mapping else { throw TemplateError(.evaluation, "format requires a mapping") }
        guard let value = mapping.value(key) else {
            throw TemplateError(.evaluation, "the format's key '\(key.string.prefix(100))' is missing")
        }
        return value
    }
}
