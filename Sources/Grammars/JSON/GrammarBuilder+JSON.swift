import PenstockJSON

extension GrammarBuilder {
    /// Any value of JSON, as a rule.
    mutating func anyValue() throws(GrammarError) -> GrammarPlace {
        if let place = values.any { return place }
        let any = try reserve()
        values.any = any
        let object = try anyObject()
        let array = try array(of: any, atLeast: 0, then: Self.end)
        var value = try either(object, array)
        value = try either(value, string(characters(atLeast: 0, atMost: nil), then: Self.end))
        value = try either(value, number(then: Self.end))
        for word in ["true", "false", "null"] { value = try either(value, literal(word, then: Self.end)) }
        define(any, as: value)
        return any
    }

    /// Any object of JSON, as a rule.
    mutating func anyObject() throws(GrammarError) -> GrammarPlace {
        if let place = values.object { return place }
        let object = try reserve()
        values.object = object
        let close = try byte(UInt8(ascii: "}"), then: Self.end)
        let behind = try reserve()
        let value = try colon(then: call(anyValue(), then: behind))
        let key = try string(characters(atLeast: 0, atMost: nil), then: value)
        define(behind, as: try either(close, comma(then: key)))
        define(object, as: try byte(UInt8(ascii: "{"), then: either(close, key)))
        return object
    }

    /// An array whose elements are those of a rule, and as many as there may be.
    mutating func array(
        of element: GrammarPlace, atLeast least: Int, then next: GrammarPlace
    ) throws(GrammarError) -> GrammarPlace {
        let close = try byte(UInt8(ascii: "]"), then: next)
        let behind = try reserve()
        var place = try call(element, then: behind)
        define(behind, as: try either(close, comma(then: place)))
        if least == 0 { place = try either(close, place) }
        for _ in 1..<max(1, least) { place = try call(element, then: comma(then: place)) }
        return try byte(UInt8(ascii: "["), then: place)
    }

    /// A string whose characters are those of a rule.
    mutating func string(_ characters: GrammarPlace, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        let quote = UInt8(ascii: "\"")
        var close = next == Self.end ? closingQuote : nil
        if close == nil { close = try byte(quote, then: next) }
        if next == Self.end { closingQuote = close }
        return try byte(quote, then: call(characters, then: close ?? Self.never))
    }

    /// A comma, and a space or none.
    mutating func comma(then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try byte(UInt8(ascii: ","), then: optional(" ", then: next))
    }

    /// A colon, and a space or none.
    mutating func colon(then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        try byte(UInt8(ascii: ":"), then: optional(" ", then: next))
    }

    /// One of several values.
    ///
    /// - Throws: ``GrammarError`` for numbers beyond 64 bits: of an integer among these not all digits are known.
    mutating func oneOf(
        _ values: [JSONValue], then next: GrammarPlace, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        var texts: [[TextSymbol]] = []
        texts.reserveCapacity(values.count)
        for value in values {
            guard value.isExact else {
                throw GrammarError("const and enum are supported for numbers within 64 bits alone", at: place)
            }
            texts.append(value.symbols)
        }
        return try oneOf(texts, then: next)
    }
}

/// The rules of values of JSON that are any.
struct AnyValuePlaces {
    var any: GrammarPlace?
    var object: GrammarPlace?
}

extension JSONValue {
    /// The value as JSON text without white space.
    ///
    /// - Precondition: its numbers are finite.
    var text: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }

    /// The value as JSON text, with a space or none behind each colon and comma between values.
    ///
    /// - Precondition: its numbers are finite.
    var symbols: [TextSymbol] {
        var symbols: [TextSymbol] = []
        append(to: &symbols)
        return symbols
    }

    private func append(to symbols: inout [TextSymbol]) {
        func append(_ letter: Unicode.Scalar) { symbols.append(TextSymbol(UInt8(ascii: letter))) }
        func appendMark(_ letter: Unicode.Scalar) {
            append(letter)
            symbols.append(TextSymbols.optionalSpace)
        }
        switch self {
        case .array(let elements):
            append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { appendMark(",") }
                element.append(to: &symbols)
            }
            append("]")
        case .object(let object):
            append("{")
            for (index, entry) in object.entries.enumerated() {
                if index > 0 { appendMark(",") }
                symbols += JSONValue.string(entry.key).text.map(TextSymbol.init)
                appendMark(":")
                entry.value.append(to: &symbols)
            }
            append("}")
        default: symbols += text.map(TextSymbol.init)
        }
    }

    /// True if all its numbers are finite.
    var isFinite: Bool { hasNumbers { $0.isFinite } }

    /// True if all its numbers are within 64 bits.
    fileprivate var isExact: Bool { hasNumbers { $0.magnitude < 0x1p63 } }

    private func hasNumbers(_ isRight: (Double) -> Bool) -> Bool {
        switch self {
        case .double(let value): isRight(value)
        case .array(let elements): elements.allSatisfy { $0.hasNumbers(isRight) }
        case .object(let object): object.entries.allSatisfy { $0.value.hasNumbers(isRight) }
        case .null, .bool, .integer, .string: true
        }
    }
}

extension Grammar {
    /// The grammar of any object of JSON.
    package static func jsonObject() throws(GrammarError) -> Grammar {
        var builder = try GrammarBuilder()
        let start = try builder.anyObject()
        return try Grammar(builder, start: start)
    }
}
