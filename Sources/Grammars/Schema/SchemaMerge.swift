import PenstockJSON

/// Makes one schema of two that have to hold together.
struct SchemaMerge {
    /// The place of both, for messages.
    let place: String

    private static let mostPairs = 1000

    /// The values that both allow.
    ///
    /// - Throws: ``GrammarError`` for keywords that cannot be made one.
    func merged(_ first: JSONObject, _ second: JSONObject) throws(GrammarError) -> JSONObject {
        var (first, second) = (first, second)
        try closeProperties(of: &first, against: second)
        try closeProperties(of: &second, against: first)
        for (one, other) in [(first, second), (second, first)] {
            guard one["prefixItems"] != nil, one["prefixItems"] != other["prefixItems"], other["items"] != nil else {
                continue
            }
            throw GrammarError("prefixItems cannot be made one with the items of another schema", at: place)
        }
        if let one = first["const"], let two = second["const"], !one.isSame(as: two) { return .allowingNothing }
        var result = first
        for entry in second.entries {
            guard let known = first[entry.key] else {
                result.append(entry.key, entry.value)
                continue
            }
            if let value = try merged(known, entry.value, entry.key) {
                result.set(entry.key, value)
            } else {
                let part = JSONValue.object(JSONObject([(entry.key, entry.value)]))
                result.set("allOf", .array((result["allOf"]?.array ?? []) + [part]))
            }
        }
        return result
    }

    /// The value of a keyword for both values; nil if there is none, so that both have to stand in the schema.
    private func merged(
        _ first: JSONValue, _ second: JSONValue, _ keyword: String
    ) throws(GrammarError) -> JSONValue? {
        if first == second { return first }
        switch keyword {
        case "type": return .array(Self.types(first, second).map { .string($0.rawValue) })
        case "required": return .array((first.array ?? []) + (second.array ?? []))
        case "allOf": return .array((first.array ?? []) + (second.array ?? []))
        case "properties", "patternProperties": return .object(union(first, second))
        case "items", "additionalProperties", "propertyNames": return Self.both(first, second)
        case "enum":
            let allowed = second.array ?? []
            return .array((first.array ?? []).filter { value in allowed.contains { $0.isSame(as: value) } })
        case "const": return first
        case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
            return second.isLess(than: first) ? first : second
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
            return first.isLess(than: second) ? first : second
        case "anyOf", "oneOf": return try pairs(first.array ?? [], second.array ?? [], keyword)
        case "$ref": return nil
        case "nullable": return .bool(false)
        case "uniqueItems": return .bool(true)
        case "not":
            let values = [first, second].flatMap { $0["enum"]?.array ?? [] }
            return .object(JSONObject([("enum", .array(values))]))
        default:
            if case .annotation? = SchemaKeyword.all[keyword] { return first }
            if keyword.hasPrefix("x-") { return first }
            throw GrammarError("\(keyword) is asked for twice, which cannot be made one", at: place)
        }
    }

    /// Properties that one alone names have to be what the other wants of those that it does not name.
    private func closeProperties(of schema: inout JSONObject, against other: JSONObject) throws(GrammarError) {
        guard let others = other["additionalProperties"], others != .bool(true) else { return }
        let named = ["properties", "patternProperties"].compactMap { name in schema[name]?.object.map { (name, $0) } }
        guard !named.isEmpty else { return }
        guard other["patternProperties"] == nil else {
            throw GrammarError(
                "properties cannot be made one with patternProperties and additionalProperties", at: place)
        }
        let known = other["properties"]
        for (keyword, schemas) in named {
            let closed = schemas.entries.map { entry in
                let isKnown = keyword == "properties" && known?[entry.key] != nil
                return (entry.key, isKnown ? entry.value : Self.both(entry.value, others))
            }
            schema.set(keyword, .object(JSONObject(closed)))
        }
    }

    /// The alternatives of both, each with each.
    private func pairs(
        _ first: [JSONValue], _ second: [JSONValue], _ keyword: String
    ) throws(GrammarError) -> JSONValue {
        guard first.count * second.count <= Self.mostPairs else {
            throw GrammarError("\(keyword) of several schemas has too many alternatives together", at: place)
        }
        return .array(first.flatMap { one in second.map { Self.both(one, $0) } })
    }

    private func union(_ first: JSONValue, _ second: JSONValue) -> JSONObject {
        var result = first.object ?? JSONObject()
        for entry in second.object?.entries ?? [] {
            if let known = result[entry.key] {
                result.set(entry.key, Self.both(known, entry.value))
            } else {
                result.append(entry.key, entry.value)
            }
        }
        return result
    }

    /// A schema that allows what both allow.
    static func both(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        if first == .bool(true) || first == second { return second }
        if second == .bool(true) || first == .bool(false) { return first }
        if second == .bool(false) { return second }
        return .object(JSONObject([("allOf", .array([first, second]))]))
    }

    private static func types(_ first: JSONValue, _ second: JSONValue) -> [SchemaType] {
        let (one, two) = (SchemaType.list(first) ?? [], SchemaType.list(second) ?? [])
        return one.filter { two.contains($0) || ($0 == .integer && two.contains(.number)) }
            + two.filter { $0 == .integer && one.contains(.number) && !one.contains(.integer) }
    }
}

extension JSONObject {
    /// The keywords of a schema that allows nothing.
    static let allowingNothing = JSONObject([("enum", .array([]))])

    /// Sets the value of a key, at its place if it is there.
    mutating func set(_ key: String, _ value: JSONValue) {
        guard self[key] != nil else { return append(key, value) }
        self = JSONObject(entries.map { ($0.key, $0.key == key ? value : $0.value) })
    }

    /// The entries but for those of some keys.
    func without(_ keys: String...) -> JSONObject {
        JSONObject(entries.filter { !keys.contains($0.key) }.map { ($0.key, $0.value) })
    }
}
