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
        return try byte(quote, then: call(characters, then: byte(quote, then: next)))
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
    /// - Throws: ``GrammarError`` for numbers that are not finite.
    mutating func oneOf(
        _ values: [JSONValue], then next: GrammarPlace, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        var (texts, result) = ([[UInt8]](), Self.never)
        for value in values {
            guard value.isFinite else { throw GrammarError("a number is not finite", at: place) }
            switch value {
            case .array, .object: result = try either(result, self.value(value, then: next))
            default: texts.append(value.text)
            }
        }
        return try either(oneOf(texts, then: next), result)
    }

    private mutating func value(_ value: JSONValue, then next: GrammarPlace) throws(GrammarError) -> GrammarPlace {
        switch value {
        case .array(let elements):
            var result = try byte(UInt8(ascii: "]"), then: next)
            for (index, element) in elements.enumerated().reversed() {
                result = try self.value(element, then: result)
                if index > 0 { result = try comma(then: result) }
            }
            return try byte(UInt8(ascii: "["), then: result)
        case .object(let object):
            var result = try byte(UInt8(ascii: "}"), then: next)
            for (index, entry) in object.entries.enumerated().reversed() {
                result = try colon(then: self.value(entry.value, then: result))
                result = try literal(JSONValue.string(entry.key).text, then: result)
                if index > 0 { result = try comma(then: result) }
            }
            return try byte(UInt8(ascii: "{"), then: result)
        default: return try literal(value.text, then: next)
        }
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

    /// True if all its numbers are finite.
    var isFinite: Bool {
        switch self {
        case .double(let value): value.isFinite
        case .array(let elements): elements.allSatisfy(\.isFinite)
        case .object(let object): object.entries.allSatisfy(\.value.isFinite)
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
