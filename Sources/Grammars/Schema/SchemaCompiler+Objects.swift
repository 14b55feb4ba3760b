import PenstockJSON

extension SchemaCompiler {
    /// A property that the schema names.
    private struct Property {
        let key: [UInt8]
        let value: GrammarPlace
        let isRequired: Bool
    }

    /// The properties that the schema does not name, as rules of their names, quotes included, and of their values.
    private struct OtherProperties {
        let name: GrammarPlace
        let value: GrammarPlace
    }

    mutating func object(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        let excluded = schema.excluded.compactMap(\.object)
        guard excluded.allSatisfy({ $0.entries.isEmpty }) else {
            throw GrammarError("not is supported for objects without properties alone", at: place.appending("not"))
        }
        let counted = try schema.count("minProperties", atMost: Self.mostCounted, at: place) ?? 0
        let least = max(counted, excluded.isEmpty ? 0 : 1)
        let most = try schema.count("maxProperties", atMost: Self.mostCounted, at: place)
        let patterns = try patterns(schema, at: place)
        let required = (schema["required"]?.array ?? []).compactMap(\.string)
        var named = (schema["properties"]?.object?.entries ?? []).map { (name: $0.key, schema: Optional($0.value)) }
        var seen = Set(named.map { Array($0.name.utf8) })
        for name in required where seen.insert(Array(name.utf8)).inserted { named.append((name, nil)) }
        let requiredNames = Set(required.map { Array($0.utf8) })
        try spend(named.count * patterns.reduce(0) { $0 + $1.program.steps.count }, at: place)
        var properties: [Property] = []
        for (name, own) in named {
            let schema = self.schema(ofProperty: name, own, patterns, others: schema["additionalProperties"])
            properties.append(
                Property(
                    key: JSONValue.string(name).text,
                    value: try rule(of: schema, at: place.appending("properties").appending(name)),
                    isRequired: requiredNames.contains(Array(name.utf8))))
        }
        let others = try others(schema, named.map(\.name), patterns, at: place)
        return try object(properties, others, least, most)
    }

    // MARK: Parts

    /// The patterns of names, none of which matches what another does.
    private mutating func patterns(
        _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> [(program: RegexProgram, schema: JSONValue, place: String)] {
        var patterns: [(program: RegexProgram, schema: JSONValue, place: String)] = []
        for entry in schema["patternProperties"]?.object?.entries ?? [] {
            let place = place.appending("patternProperties").appending(entry.key)
            let program = try program(entry.key, .any, at: place)
            for other in patterns {
                try spend(RegexProgram.mostPairs, at: place)
                guard try program.overlaps(other.program) else { continue }
                throw GrammarError("a name may match this pattern and another, which is not supported", at: place)
            }
            patterns.append((program, entry.value, place))
        }
        return patterns
    }

    /// The schema of a property: what is said of it by its name and by a pattern, else of all others.
    private func schema(
        ofProperty name: String, _ own: JSONValue?,
        _ patterns: [(program: RegexProgram, schema: JSONValue, place: String)], others: JSONValue?
    ) -> JSONValue {
        let pattern = patterns.first { $0.program.matches(name) }?.schema
        guard let own else { return pattern ?? others ?? .bool(true) }
        return pattern.map { SchemaMerge.both(own, $0) } ?? own
    }

    /// Others than those of these names.
    private mutating func others(
        _ schema: JSONObject, _ names: [String],
        _ patterns: [(program: RegexProgram, schema: JSONValue, place: String)], at place: String
    ) throws(GrammarError) -> [OtherProperties] {
        let isNamed = schema["properties"] != nil || schema["patternProperties"] != nil
        let additional = schema["additionalProperties"] ?? .bool(!isNamed)
        if !patterns.isEmpty, additional != .bool(false) {
            throw GrammarError(
                "additionalProperties beside patternProperties is supported with false alone",
                at: place.appending("additionalProperties"))
        }
        if let propertyNames = schema["propertyNames"] {
            guard names.isEmpty, patterns.isEmpty else {
                throw GrammarError(
                    "propertyNames beside properties, required or patternProperties is not supported",
                    at: place.appending("propertyNames"))
            }
            guard additional != .bool(false) else { return [] }
            return [
                OtherProperties(
                    name: try self.names(propertyNames, at: place.appending("propertyNames")),
                    value: try rule(of: additional, at: place.appending("additionalProperties")))
            ]
        }
        let condition = ExclusionCondition(names)
        var others: [OtherProperties] = []
        for (program, schema, place) in patterns {
            let name = try builder.text(program, condition, .inString, then: GrammarBuilder.end)
            others.append(
                OtherProperties(
                    name: try builder.string(name, then: GrammarBuilder.end), value: try rule(of: schema, at: place)))
        }
        guard additional != .bool(false) else { return others }
        let name =
            names.isEmpty
            ? try builder.characters(atLeast: 0, atMost: nil)
            : try builder.text(.anything, condition, .inString, then: GrammarBuilder.end)
        let value = try rule(of: additional, at: place.appending("additionalProperties"))
        return others + [
            OtherProperties(name: try builder.string(name, then: GrammarBuilder.end), value: value)
        ]
    }

    /// The names that a schema allows, with their quotes.
    private mutating func names(_ schema: JSONValue, at place: String) throws(GrammarError) -> GrammarPlace {
        let strings = JSONValue.object(JSONObject([("type", .string("string"))]))
        return try rule(of: SchemaMerge.both(schema, strings), at: place)
    }

    // MARK: Places

    /// An object of so many properties.
    private mutating func object(
        _ properties: [Property], _ others: [OtherProperties], _ least: Int, _ most: Int?
    ) throws(GrammarError) -> GrammarPlace {
        let close = try builder.byte(UInt8(ascii: "}"), then: GrammarBuilder.end)
        // No more properties are counted than bounds ask for; one has to be told from none for the comma.
        let counts = 0...max(1, least, most ?? 0)
        guard counts.count * properties.count <= GrammarBuilder.mostPlaces else {
            throw GrammarError("it has too many properties to count them")
        }
        let isClosable = { (count: Int) in count >= least }
        let goesOn = { (count: Int) in count < most ?? .max }
        // The places behind so many properties, and in front of the next, behind all that the schema names.
        var behind: [GrammarPlace] = []
        for _ in counts { behind.append(try builder.reserve()) }
        var next: [GrammarPlace] = []
        for count in counts {
            let following = behind[min(count + 1, counts.upperBound)]
            var place = GrammarBuilder.never
            for other in others where goesOn(count) {
                let value = try builder.colon(then: builder.call(other.value, then: following))
                place = try builder.either(place, builder.call(other.name, then: value))
            }
            next.append(place)
        }
        for count in counts {
            let further = try builder.comma(then: next[count])
            builder.define(
                behind[count], as: try builder.either(isClosable(count) ? close : GrammarBuilder.never, further))
        }
        // The properties that the schema names, from the last to the first.
        var mayClose = true
        for property in properties.reversed() {
            let (behindAll, nextOfAll) = (behind, next)
            mayClose = mayClose && !property.isRequired
            for count in counts {
                var place = GrammarBuilder.never
                if goesOn(count) {
                    let following = behindAll[min(count + 1, counts.upperBound)]
                    let value = try builder.colon(then: builder.call(property.value, then: following))
                    place = try builder.literal(property.key, then: value)
                }
                if !property.isRequired { place = try builder.either(place, nextOfAll[count]) }
                next[count] = place
                let further = try builder.comma(then: place)
                let end = mayClose && isClosable(count) ? close : GrammarBuilder.never
                behind[count] = try builder.either(end, further)
            }
        }
        let empty = mayClose && isClosable(0) ? close : GrammarBuilder.never
        return try builder.byte(UInt8(ascii: "{"), then: builder.either(empty, next[0]))
    }
}
