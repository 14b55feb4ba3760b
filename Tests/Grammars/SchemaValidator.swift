import PenstockJSON

/// The meaning of schemas by the letter of JSON Schema 2020-12, for values whose numbers are integers of one spelling.
enum SchemaValidator {
    /// Tells whether a schema allows a value.
    static func allows(_ schema: JSONValue, _ value: JSONValue) -> Bool { evaluated(schema, value) != nil }

    /// The names of the value's properties that the schema evaluates; nil if it does not allow the value.
    private static func evaluated(_ schema: JSONValue, _ value: JSONValue) -> Set<String>? {
        guard let keywords = schema.object else { return schema == .bool(true) ? [] : nil }
        var names: Set<String> = []
        for entry in keywords.entries {
            guard let more = evaluated(entry.key, entry.value, beside: schema, value) else { return nil }
            names.formUnion(more)
        }
        if let condition = schema["if"] {
            let met = evaluated(condition, value)
            let branch = schema[met == nil ? "else" : "then"] ?? .bool(true)
            guard let more = evaluated(branch, value) else { return nil }
            names.formUnion((met ?? []).union(more))
        }
        guard let others = schema["unevaluatedProperties"] else { return names }
        for property in value.object?.entries ?? [] where !names.contains(property.key) {
            guard allows(others, property.value) else { return nil }
            names.insert(property.key)
        }
        return names
    }

    private static func evaluated(
        _ keyword: String, _ expected: JSONValue, beside schema: JSONValue, _ value: JSONValue
    ) -> Set<String>? {
        let properties = value.object?.entries ?? []
        let schemas = expected.array ?? []
        switch keyword {
        case "properties", "additionalProperties":
            let isNamed = keyword == "properties"
            var names: Set<String> = []
            for property in properties where (schema["properties"]?[property.key] != nil) == isNamed {
                guard allows(isNamed ? expected[property.key] ?? .bool(true) : expected, property.value) else {
                    return nil
                }
                names.insert(property.key)
            }
            return names
        case "allOf", "anyOf", "oneOf":
            let met = schemas.compactMap { evaluated($0, value) }
            let isRight =
                keyword == "allOf" ? met.count == schemas.count : keyword == "anyOf" ? !met.isEmpty : met.count == 1
            return isRight ? met.reduce(into: []) { $0.formUnion($1) } : nil
        case "dependentSchemas":
            var names: Set<String> = []
            for entry in expected.object?.entries ?? [] where value[entry.key] != nil {
                guard let more = evaluated(entry.value, value) else { return nil }
                names.formUnion(more)
            }
            return names
        default: return isMet(keyword, expected, beside: schema, value) ? [] : nil
        }
    }

    /// Tells whether a value meets a keyword that evaluates nothing.
    private static func isMet(
        _ keyword: String, _ expected: JSONValue, beside schema: JSONValue, _ value: JSONValue
    ) -> Bool {
        let names = expected.array ?? []
        switch keyword {
        case "const": return value == expected
        case "enum": return names.contains(value)
        case "type": return (expected.array ?? [expected]).contains { $0.string.map { isOf($0, value) } ?? false }
        case "not": return !allows(expected, value)
        case "required": return value.object == nil || names.allSatisfy { name in value[name.string ?? ""] != nil }
        case "dependentRequired":
            return (expected.object?.entries ?? []).allSatisfy { entry in
                value[entry.key] == nil || (entry.value.array ?? []).allSatisfy { value[$0.string ?? ""] != nil }
            }
        case "minimum": return value.integer.map { $0 >= expected.integer ?? 0 } ?? true
        case "maximum": return value.integer.map { $0 <= expected.integer ?? 0 } ?? true
        case "minLength": return value.string.map { $0.unicodeScalars.count >= expected.integer ?? 0 } ?? true
        case "maxLength": return value.string.map { $0.unicodeScalars.count <= expected.integer ?? 0 } ?? true
        case "minItems": return value.array.map { $0.count >= expected.integer ?? 0 } ?? true
        case "maxItems": return value.array.map { $0.count <= expected.integer ?? 0 } ?? true
        case "items": return (value.array ?? []).allSatisfy { allows(expected, $0) }
        case "contains":
            guard let elements = value.array else { return true }
            let count = elements.filter { allows(expected, $0) }.count
            return count >= schema["minContains"]?.integer ?? 1 && count <= schema["maxContains"]?.integer ?? .max
        case "uniqueItems":
            let elements = value.array ?? []
            return elements.indices.allSatisfy { !elements[..<$0].contains(elements[$0]) }
        default: return true
        }
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("integer", .integer), ("number", .integer):
            true
        default: false
        }
    }
}
