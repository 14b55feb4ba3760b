import PenstockJSON

extension SchemaCompiler {
    /// The values that fit a schema that lists them; nil if it lists none.
    ///
    /// - Throws: ``GrammarError`` for a keyword beside them that values are not checked by.
    mutating func fittingValues(_ schema: JSONObject, at place: String) throws(GrammarError) -> [JSONValue]? {
        guard let listed = schema.values else { return nil }
        try spend(listed.count * schema.excluded.count, at: place)
        var values = schema.withoutExcluded(schema.ofTypes(listed))
        for entry in schema.without("enum", "const", "type", "not").entries where !listed.isEmpty {
            guard let isFitting = Self.bounds[entry.key] else {
                throw GrammarError("\(entry.key) beside enum or const is not supported", at: place.appending(entry.key))
            }
            values = values.filter { isFitting($0, entry.value) }
        }
        return values
    }

    /// Tells of keywords whether a value is within the bound that they are.
    private static let bounds: [String: @Sendable (_ value: JSONValue, _ bound: JSONValue) -> Bool] = [
        "minimum": { !$0.isLess(than: $1) }, "maximum": { !$1.isLess(than: $0) },
        "exclusiveMinimum": { $0.double == nil || $1.isLess(than: $0) },
        "exclusiveMaximum": { $0.double == nil || $0.isLess(than: $1) },
        "minLength": { isCount($0.string?.unicodeScalars.count, $1) { $0 >= $1 } },
        "maxLength": { isCount($0.string?.unicodeScalars.count, $1) { $0 <= $1 } },
        "minItems": { isCount($0.array?.count, $1) { $0 >= $1 } },
        "maxItems": { isCount($0.array?.count, $1) { $0 <= $1 } },
        "minProperties": { isCount($0.object?.entries.count, $1) { $0 >= $1 } },
        "maxProperties": { isCount($0.object?.entries.count, $1) { $0 <= $1 } },
    ]

    private static func isCount(_ count: Int?, _ bound: JSONValue, _ isWithin: (Int, Int) -> Bool) -> Bool {
        guard let count, let bound = bound.integer else { return true }
        return isWithin(count, bound)
    }

    /// The values of a schema that allows but a few, each once; nil if it is not known to.
    mutating func fewValues(of schema: JSONValue, atMost most: Int, at place: String) throws(GrammarError)
        -> [JSONValue]?
    {
        guard let object = try flattened(schema, at: place) else { return schema == .bool(false) ? [] : nil }
        var candidates: [JSONValue] = []
        if let branches = object["anyOf"]?.array {
            let rest = object.without("anyOf")
            for branch in branches {
                let both = rest.entries.isEmpty ? branch : SchemaMerge.both(.object(rest), branch)
                guard let values = try fewValues(of: both, atMost: most, at: place) else { return nil }
                candidates += values
            }
        } else if object["oneOf"] != nil {
            return nil
        } else if let values = try fittingValues(object, at: place) {
            candidates = values
        } else {
            for type in object.types ?? SchemaType.allCases {
                switch type {
                case .null: candidates += object.withoutExcluded([.null])
                case .boolean: candidates += object.withoutExcluded([.bool(false), .bool(true)])
                default: return nil
                }
            }
        }
        var values: [JSONValue] = []
        for value in candidates where !values.contains(where: { $0.isSame(as: value) }) {
            values.append(value)
            if values.count > most { return nil }
        }
        return values
    }
}
