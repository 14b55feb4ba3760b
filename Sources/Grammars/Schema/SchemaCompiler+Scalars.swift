import PenstockJSON

extension SchemaCompiler {
    // MARK: Strings

    mutating func string(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        try builder.string(characters(schema, at: place), then: GrammarBuilder.end)
    }

    /// The characters of a string, as a rule.
    private mutating func characters(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        let most = GrammarBuilder.mostCharacters
        let least = try schema.count("minLength", atMost: most, at: place) ?? 0
        let longest = try schema.count("maxLength", atMost: most, at: place)
        let length = LengthCondition(least: least, most: longest)
        if let name = schema["format"]?.string {
            for other in ["pattern", "minLength", "maxLength"] where schema[other] != nil {
                throw GrammarError("\(other) beside format is not supported", at: place.appending(other))
            }
            guard let pattern = StringFormats.pattern(name) else {
                throw GrammarError(
                    "the format \(name.shown) is not supported; supported are: \(StringFormats.names)",
                    at: place.appending("format"))
            }
            return try characters(pattern, .none, length, at: place.appending("format"))
        }
        guard let pattern = schema["pattern"]?.string else {
            return try builder.characters(atLeast: least, atMost: longest)
        }
        return try characters(pattern, .any, length, at: place.appending("pattern"))
    }

    private mutating func characters(
        _ pattern: String, _ surroundings: RegexSurroundings, _ length: LengthCondition, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        let program = try program(pattern, surroundings, at: place)
        return try builder.text(program, length, .inString, then: GrammarBuilder.end)
    }

    /// The automaton of an expression, whose errors have a place.
    mutating func program(
        _ pattern: String, _ surroundings: RegexSurroundings, at place: String
    ) throws(GrammarError) -> RegexProgram {
        do {
            let program = try RegexProgram(pattern, surroundings: surroundings)
            try spend(program.work, at: place)
            return program
        } catch {
            throw GrammarError(error.message, at: place)
        }
    }

    // MARK: Numbers

    mutating func number(
        _ schema: JSONObject, isInteger: Bool, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        var digits = (fraction: isInteger ? 0 : NumberBounds.mostFractionDigits, divisor: 1)
        if let divisor = schema["multipleOf"] {
            guard let rule = Self.digits(ofMultiplesOf: divisor) else {
                throw GrammarError(
                    "multipleOf is supported for integers from 1 to \(Self.mostDivisor), 0.1, 0.01 and so on",
                    at: place.appending("multipleOf"))
            }
            digits = (min(digits.fraction, rule.fraction), rule.divisor)
        }
        let bounds = NumberBounds(
            least: Self.bound(schema["minimum"], schema["exclusiveMinimum"], isLeast: true),
            most: Self.bound(schema["maximum"], schema["exclusiveMaximum"], isLeast: false))
        if bounds.least == nil, bounds.most == nil, schema["multipleOf"] == nil {
            return isInteger
                ? try builder.integer(then: GrammarBuilder.end) : try builder.number(then: GrammarBuilder.end)
        }
        return try builder.number(
            bounds, fractionDigits: min(digits.fraction, bounds.fractionDigits), divisor: digits.divisor,
            then: GrammarBuilder.end)
    }

    /// The greatest number whose multiples are told apart: each remainder takes places of its own.
    private static let mostDivisor = 1000

    /// The digits behind the point that multiples of a number have at most, and by what they are divided without them;
    /// nil if that is not supported.
    private static func digits(ofMultiplesOf number: JSONValue) -> (fraction: Int, divisor: Int)? {
        if let divisor = number.integer { return (1...mostDivisor).contains(divisor) ? (0, divisor) : nil }
        guard let number = number.double, number > 0, number < 1 else { return nil }
        let size = Decimal(number)
        guard size.fraction.last == 1, size.fraction.dropLast().allSatisfy({ $0 == 0 }) else { return nil }
        return (size.fraction.count, 1)
    }

    /// The tighter of two bounds.
    private static func bound(
        _ included: JSONValue?, _ excluded: JSONValue?, isLeast: Bool
    ) -> NumberBounds.Bound? {
        let first = included.flatMap { NumberBounds.Bound($0, isIncluded: true) }
        let second = excluded.flatMap { NumberBounds.Bound($0, isIncluded: false) }
        guard let one = included?.double, let two = excluded?.double else { return first ?? second }
        return (isLeast ? one > two : one < two) ? first : second
    }
}
