import PenstockJSON

extension SchemaCompiler {
    /// A schema of exactly the values that another does not allow.
    ///
    /// Each keyword that a value may fail is an alternative, for values of the types that the keyword is for.
    /// - Throws: ``GrammarError`` by the name and place of a keyword for which there is no such schema.
    mutating func negation(of schema: JSONValue, at place: String) throws(GrammarError) -> JSONValue {
        if let isAllowing = schema.bool { return .bool(!isAllowing) }
        guard let object = try schema.object?.assertions.withoutNullable(at: place) else { return .bool(false) }
        flattening += 1
        defer { flattening -= 1 }
        guard flattening <= SchemaCheck.deepestNesting else {
            throw GrammarError("schemas within not are nested too deeply", at: place)
        }
        try spend(1 + object.weight, at: place)
        var failures: [JSONValue] = []
        for entry in object.entries {
            failures += try negations(of: entry, beside: object, at: place.appending(entry.key))
        }
        let negation = JSONValue.anyOf(failures)
        // A property that is only not allowed is not evaluated, but would be taken for one that is.
        guard !hasUnevaluated || object.entries.allSatisfy({ ["const", "enum", "type"].contains($0.key) }) else {
            throw GrammarError("conditions are not supported in a schema that has unevaluated… anywhere", at: place)
        }
        return negation
    }

    /// The ways in which a value can fail a keyword.
    private mutating func negations(
        of entry: JSONObject.Entry, beside object: JSONObject, at place: String
    ) throws(GrammarError) -> [JSONValue] {
        let value = entry.value
        switch entry.key {
        case "type":
            let types = SchemaType.list(value) ?? []
            guard types.contains(.number) || !types.contains(.integer) else {
                throw GrammarError("numbers that are no integers are not supported; within not say number", at: place)
            }
            let others = SchemaType.allCases.filter { $0 != .integer && !types.contains($0) }
            return [.object(JSONObject([("type", .array(others.map { .string($0.rawValue) }))]))]
        case "const": return [.excluding([value])]
        case "enum": return [.excluding(value.array ?? [])]
        case "not": return [value]
        case "$ref":
            return [try negation(of: self.schema(value.string ?? "", at: place), at: value.string ?? place)]
        case "allOf":
            return try (value.array ?? []).map { (part) throws(GrammarError) in try negation(of: part, at: place) }
        case "anyOf", "oneOf":
            let branches = value.array ?? []
            if entry.key == "oneOf" { try requireDisjoint(branches, JSONObject(), at: place) }
            return [
                .allOf(try branches.map { (part) throws(GrammarError) in try negation(of: part, at: place) })
            ]
        case "if":
            let (consequence, other) = (object["then"] ?? .bool(true), object["else"] ?? .bool(true))
            return [
                SchemaMerge.both(value, try negation(of: consequence, at: place)),
                SchemaMerge.both(try negation(of: value, at: place), try negation(of: other, at: place)),
            ]
        case "then", "else": return []
        case "required":
            return (value.array ?? []).compactMap(\.string).map { name in
                .typed("object", [("properties", .object(JSONObject([(name, .bool(false))])))])
            }
        case "properties":
            var failures: [JSONValue] = []
            for property in value.object?.entries ?? [] {
                let not = try negation(of: property.value, at: place.appending(property.key))
                if not == .bool(false) { continue }
                let keywords: [(String, JSONValue)] = [
                    ("required", .array([.string(property.key)])),
                    ("properties", .object(JSONObject([(property.key, not)]))),
                ]
                failures.append(.typed("object", keywords))
            }
            return failures
        case "items" where object["prefixItems"] == nil:
            let not = try negation(of: value, at: place)
            return not == .bool(false) ? [] : [.typed("array", [("contains", not)])]
        case "contains" where object["minContains"] == nil && object["maxContains"] == nil:
            return [.typed("array", [("items", try negation(of: value, at: place))])]
        case "additionalProperties" where value == .bool(true), "propertyNames" where value == .bool(true): return []
        case "uniqueItems" where value == .bool(false): return []
        default: return [try .failing(entry, at: place)]
        }
    }
}

extension JSONValue {
    /// A schema of all values but some.
    fileprivate static func excluding(_ values: [JSONValue]) -> JSONValue {
        .object(JSONObject([("not", .object(JSONObject([("enum", .array(values))])))]))
    }

    /// A schema of values of a type.
    fileprivate static func typed(_ type: String, _ keywords: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject([("type", .string(type))] + keywords))
    }

    /// A schema of the values that fail a bound.
    fileprivate static func failing(_ entry: JSONObject.Entry, at place: String) throws(GrammarError) -> JSONValue {
        let bounds: [String: (type: String, opposite: String)] = [
            "minimum": ("number", "exclusiveMaximum"), "exclusiveMinimum": ("number", "maximum"),
            "maximum": ("number", "exclusiveMinimum"), "exclusiveMaximum": ("number", "minimum"),
        ]
        if let (type, opposite) = bounds[entry.key] { return .typed(type, [(opposite, entry.value)]) }
        let counts = [("Length", "string"), ("Items", "array"), ("Properties", "object")]
        for (unit, type) in counts {
            guard let count = entry.value.integer else { break }
            if entry.key == "min" + unit {
                return count == 0 ? .bool(false) : .typed(type, [("max" + unit, .integer(count - 1))])
            }
            if entry.key == "max" + unit, count < .max { return .typed(type, [("min" + unit, .integer(count + 1))]) }
        }
        throw GrammarError("the keyword \(entry.key) is not supported within not or if", at: place)
    }
}
