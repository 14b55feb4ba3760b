import PenstockJSON

extension JSONObject {
    /// The keywords that say something of values.
    var assertions: JSONObject {
        JSONObject(
            entries.filter { entry in
                if case .annotation? = SchemaKeyword.all[entry.key] { return false }
                return !entry.key.hasPrefix("x-")
            }.map { ($0.key, $0.value) })
    }

    /// The keywords with null among the types, if `nullable` says so.
    func withoutNullable(at place: String) throws(GrammarError) -> JSONObject {
        guard let isNullable = self["nullable"] else { return self }
        var result = without("nullable")
        guard isNullable == .bool(true) else { return result }
        guard let types = self["type"].flatMap(SchemaType.list) else {
            throw GrammarError("nullable is supported beside type alone; use anyOf", at: place.appending("nullable"))
        }
        result.set("type", .array(types.map { .string($0.rawValue) } + [.string("null")]))
        return result
    }

    /// The number of its entries, and of the names and values in these.
    var weight: Int {
        entries.reduce(0) { $0 + 1 + ($1.value.object?.entries.count ?? $1.value.array?.count ?? 0) }
    }

    /// The values of `enum` and `const`; nil if there is neither.
    var values: [JSONValue]? {
        guard let constant = self["const"] else { return self["enum"]?.array }
        guard let values = self["enum"]?.array else { return [constant] }
        return values.contains { $0.isSame(as: constant) } ? [constant] : []
    }

    /// The values that fit, if `enum` or `const` lists them and nothing but `type` stands beside them; else nil.
    var listedValues: [JSONValue]? {
        guard let values, entries.allSatisfy({ ["enum", "const", "type"].contains($0.key) }) else { return nil }
        return ofTypes(values)
    }

    /// Those of some values that are of the types.
    func ofTypes(_ values: [JSONValue]) -> [JSONValue] {
        guard let types = self["type"].flatMap(SchemaType.list) else { return values }
        return values.filter { value in types.contains { $0.contains(value) } }
    }

    /// The values that `not` takes out, as a schema has them that is flattened.
    var excluded: [JSONValue] { self["not"]?["enum"]?.array ?? [] }

    /// Those of some values that `not` leaves.
    func withoutExcluded(_ values: [JSONValue]) -> [JSONValue] {
        let excluded = excluded
        return excluded.isEmpty ? values : values.filter { value in !excluded.contains { $0.isSame(as: value) } }
    }

    /// The types that are said, or that the keywords are for; nil for any.
    var types: [SchemaType]? {
        var types: [SchemaType] = []
        if let named = self["type"].flatMap(SchemaType.list) {
            for type in named where !types.contains(type) { types.append(type) }
            return types.contains(.number) ? types.filter { $0 != .integer } : types
        }
        for (type, keywords) in SchemaKeyword.ofTypes where entries.contains(where: { keywords.contains($0.key) }) {
            types.append(type)
        }
        return types.isEmpty ? nil : types
    }

    /// The count that a keyword says, which is none beyond what is counted.
    func count(_ keyword: String, atMost most: Int, at place: String) throws(GrammarError) -> Int? {
        guard let count = self[keyword]?.integer else { return nil }
        guard count <= most else {
            throw GrammarError("\(keyword) above \(most) is not supported", at: place.appending(keyword))
        }
        return count
    }
}

extension JSONValue {
    /// The value as JSON text.
    ///
    /// - Throws: ``GrammarError`` for numbers that are not finite.
    func checkedText(at place: String) throws(GrammarError) -> [UInt8] {
        guard isFinite else { throw GrammarError("a number is not finite", at: place) }
        return text
    }

    /// Tells whether an object within the value has a key.
    func hasKey(_ isKey: (String) -> Bool) -> Bool {
        switch self {
        case .array(let elements): elements.contains { $0.hasKey(isKey) }
        case .object(let object): object.entries.contains { isKey($0.key) || $0.value.hasKey(isKey) }
        default: false
        }
    }
}
