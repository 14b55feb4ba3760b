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
            return try characters(
                program(pattern, .none, at: place.appending("format")), length, without: schema.excluded, at: place)
        }
        if let pattern = schema["pattern"]?.string {
            return try characters(
                program(pattern, .any, at: place.appending("pattern")), length, without: schema.excluded, at: place)
        }
        if schema.excluded.contains(where: { $0.string != nil }) {
            return try characters(.anything, length, without: schema.excluded, at: place)
        }
        return try builder.characters(atLeast: least, atMost: longest)
    }

    private mutating func characters(
        _ program: RegexProgram, _ length: LengthCondition, without excluded: [JSONValue], at place: String
    ) throws(GrammarError) -> GrammarPlace {
        let texts = excluded.compactMap(\.string)
        guard !texts.isEmpty else { return try builder.text(program, length, .inString, then: GrammarBuilder.end) }
        try spend(texts.count * program.steps.count, at: place)
        let condition = BothConditions(length, ExclusionCondition(texts), width: length.states)
        return try builder.text(program, condition, .inString, then: GrammarBuilder.end)
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

    /// Numbers but for those that `not` takes out: all between one of these and the next.
    mutating func numbers(
        _ schema: JSONObject, isInteger: Bool, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        let excluded = schema.excluded.filter { $0.double != nil && (!isInteger || $0.integer != nil) }
        guard !excluded.isEmpty else { return try number(schema, isInteger: isInteger, at: place) }
        guard excluded.count <= Self.mostExcluded, excluded.allSatisfy({ ($0.double ?? 0).magnitude <= 1e15 }) else {
            throw GrammarError(
                "not is supported for up to \(Self.mostExcluded) numbers of up to 15 digits", at: place.appending("not")
            )
        }
        let sorted = excluded.sorted { $0.double ?? 0 < $1.double ?? 0 }
        var places: [GrammarPlace] = []
        for (lower, upper) in zip([nil] + sorted.map(Optional.init), sorted.map(Optional.init) + [nil]) {
            var between = schema.without("not")
            for (keyword, bound) in [("exclusiveMinimum", lower), ("exclusiveMaximum", upper)] {
                guard let bound else { continue }
                let known = between[keyword]?.double ?? bound.double ?? 0
                let isTighter = keyword == "exclusiveMinimum" ? known > bound.double ?? 0 : known < bound.double ?? 0
                if !isTighter { between.set(keyword, bound) }
            }
            places.append(try number(between, isInteger: isInteger, at: place))
        }
        return try builder.choice(of: places)
    }

    /// Numbers that `not` may take out.
    private static let mostExcluded = 256

    private mutating func number(
        _ schema: JSONObject, isInteger: Bool, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        var digits = (fraction: isInteger ? 0 : NumberBounds.mostFractionDigits, divisor: 1)
        if let divisor = schema["multipleOf"] {
            guard let rule = Self.digits(ofMultiplesOf: divisor) else {
                throw GrammarError(
                    "multipleOf is supported for integers from 1 to \(Self.mostDivisor), 0.1, 0.01 and so on to 1e-16",
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
        guard size.fraction.last == 1, size.fraction.dropLast().allSatisfy({ $0 == 0 }),
            size.fraction.count <= NumberBounds.mostFractionDigits
        else { return nil }
        return (size.fraction.count, 1)
    }

    /// The tighter of two bounds.
    private static func bound(
        _ included: JSONValue?, _ excluded: JSONValue?, isLeast: Bool
    ) -> NumberBounds.Bound? {
        let first = included.flatMap { NumberBounds.Bound($0, isIncluded: true) }
        let second = excluded.flatMap { NumberBounds.Bound($0, isIncluded: false) }
        guard let included, let excluded else { return first ?? second }
        return (isLeast ? excluded.isLess(than: included) : included.isLess(than: excluded)) ? first : second
    }
}
