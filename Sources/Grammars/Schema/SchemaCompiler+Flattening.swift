import PenstockJSON

extension SchemaCompiler {
    /// Schemas that are made one at a place, schemas that are made one within each other, pairs of alternatives, and names
    /// that are compared to see that a schema is empty.
    private static let most = (merges: 1000, nesting: 24, pairs: 1000, lookups: 1000)

    /// The keywords of a schema, of which none is `$ref`, `allOf`, a condition or one of what is not evaluated, or says
    /// nothing; `not` takes out values of an `enum` alone. Nil for true and false, and for a schema that is found to be
    /// false.
    mutating func flattened(_ schema: JSONValue, at place: String) throws(GrammarError) -> JSONObject? {
        guard var object = schema.object?.assertions else { return nil }
        flattening += 1
        defer { flattening -= 1 }
        let unevaluated = JSONObject(object.entries.filter { Self.isUnevaluated($0.key) }.map { ($0.key, $0.value) })
        object = object.without("unevaluatedProperties", "unevaluatedItems")
        var merges = 0
        while true {
            object = try expanded(object.withoutNullable(at: place), at: place)
            merges += 1
            guard merges < Self.most.merges, flattening < Self.most.nesting else {
                throw GrammarError("too many schemas are made one; a reference may lead back to itself", at: place)
            }
            var parts: [JSONValue] = []
            if let reference = object["$ref"]?.string {
                parts = [try self.schema(reference, at: place.appending("$ref"))]
                object = object.without("$ref")
            } else if let all = object["allOf"]?.array {
                parts = all
                object = object.without("allOf")
            } else {
                return try object.closed(by: unevaluated, &self, at: place)
            }
            for part in parts where part != .bool(true) {
                guard var part = try self.part(part, at: place) else { return .allowingNothing }
                try spend(object.weight * part.weight, at: place)
                if let one = object["anyOf"]?.array, let two = part["anyOf"]?.array, one != two {
                    object.set("anyOf", .array(try pairs(one, two, at: place)))
                    part = part.without("anyOf")
                }
                object = try SchemaMerge(place: place).merged(object, part)
            }
        }
    }

    private static func isUnevaluated(_ keyword: String) -> Bool {
        keyword == "unevaluatedProperties" || keyword == "unevaluatedItems"
    }

    /// The keywords of a part of `allOf`; nil for false.
    private mutating func part(_ part: JSONValue, at place: String) throws(GrammarError) -> JSONObject? {
        guard let object = part.object?.assertions else { return nil }
        // Its rules for what is not evaluated are about its own properties and elements.
        if object.entries.contains(where: { Self.isUnevaluated($0.key) }) { return try flattened(part, at: place) }
        return try expanded(object.withoutNullable(at: place), at: place)
    }

    /// The alternatives of both, each with each, without those that no value fits.
    private mutating func pairs(
        _ first: [JSONValue], _ second: [JSONValue], at place: String
    ) throws(GrammarError) -> [JSONValue] {
        guard first.count * second.count <= Self.most.pairs else {
            throw GrammarError("anyOf, or conditions, of several schemas have too many alternatives", at: place)
        }
        var result: [JSONValue] = []
        for one in first {
            for two in second {
                let both = SchemaMerge.both(one, two)
                // Deep within each other they are left for later.
                guard flattening < Self.most.nesting / 2 else {
                    result.append(both)
                    continue
                }
                guard let object = try flattened(both, at: place) else {
                    if both == .bool(true) { result.append(both) }
                    continue
                }
                if try !isEmpty(object, at: place) { result.append(.object(object)) }
            }
        }
        return result
    }

    /// Tells whether it is plain that no value fits a flattened schema.
    private mutating func isEmpty(_ schema: JSONObject, at place: String) throws(GrammarError) -> Bool {
        if let values = schema.values {
            try spend(values.count * (1 + schema.excluded.count), at: place)
            return schema.withoutExcluded(schema.ofTypes(values)).isEmpty
        }
        guard let types = schema.types else { return false }
        guard types == [.object], flattening < Self.most.nesting / 2 else { return types.isEmpty }
        let (required, properties) = (schema["required"]?.array ?? [], schema["properties"]?.object?.entries ?? [])
        let work = required.count * properties.count
        guard work <= Self.most.lookups else { return false }
        try spend(work, at: place)
        for name in required {
            guard let name = name.string, let property = schema["properties"]?[name] else { continue }
            guard let object = try flattened(property, at: place) else {
                if property == .bool(true) { continue }
                return true
            }
            flattening += 1
            defer { flattening -= 1 }
            if try isEmpty(object, at: place) { return true }
        }
        return false
    }

    // MARK: Conditions

    /// The keywords without conditions and dependencies, of which schemas in `allOf` are made.
    private mutating func expanded(_ object: JSONObject, at place: String) throws(GrammarError) -> JSONObject {
        var conditions: [JSONValue] = []
        if let negated = object["not"], !negated.isExclusion {
            conditions.append(try negation(of: negated, at: place.appending("not")))
        }
        if let condition = object["if"], object["then"] != nil || object["else"] != nil {
            let (consequence, other) = (object["then"] ?? .bool(true), object["else"] ?? .bool(true))
            let not = try negation(of: condition, at: place.appending("if"))
            conditions.append(.anyOf([SchemaMerge.both(condition, consequence), SchemaMerge.both(not, other)]))
        }
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            for entry in object[keyword]?.object?.entries ?? [] {
                let name = JSONValue.string(entry.key)
                let absent = JSONValue.object(
                    JSONObject([("properties", .object(JSONObject([(entry.key, .bool(false))])))]))
                var present = JSONObject([("required", .array([name] + (entry.value.array ?? [])))])
                if entry.value.array == nil { present.append("allOf", .array([entry.value])) }
                conditions.append(.anyOf([absent, .object(present)]))
            }
        }
        var rest = object.without("if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies")
        if rest["not"].map({ !$0.isExclusion }) ?? false { rest = rest.without("not") }
        if rest["contains"] == nil { rest = rest.without("minContains", "maxContains") }
        if !conditions.isEmpty { rest.set("allOf", .array((rest["allOf"]?.array ?? []) + conditions)) }
        return rest
    }
}

extension Array {
    /// All choices of its elements but that of none, those of few elements first.
    fileprivate var subsets: [[Element]] {
        (1..<1 << count).sorted { $0.nonzeroBitCount < $1.nonzeroBitCount }.map { set in
            indices.filter { set >> $0 & 1 == 1 }.map { self[$0] }
        }
    }
}

extension JSONObject {
    /// Alternatives of which each choice is made an alternative.
    private static let mostTogether = 5

    /// The flattened keywords with what is said of properties and elements that nothing else evaluates.
    fileprivate func closed(
        by unevaluated: JSONObject, _ compiler: inout SchemaCompiler, at place: String
    ) throws(GrammarError) -> JSONObject {
        if unevaluated.entries.isEmpty { return self }
        for keyword in ["oneOf", "anyOf"] {
            guard let branches = self[keyword]?.array else { continue }
            let rest = without(keyword)
            if keyword == "oneOf" { try compiler.requireDisjoint(branches, rest, at: place) }
            // Each alternative evaluates what it names, and those that fit together what they name together.
            let isFew = keyword == "anyOf" && branches.count <= Self.mostTogether
            let together = isFew ? branches.subsets : branches.map { [$0] }
            let closed = together.map { branches in
                JSONValue.object(
                    JSONObject(
                        [("allOf", .array([.object(rest)] + branches))]
                            + unevaluated.entries.map { ($0.key, $0.value) }))
            }
            return JSONObject([("anyOf", .array(closed))])
        }
        var result = self
        if let others = unevaluated["unevaluatedProperties"], self["additionalProperties"] == nil {
            result.append("additionalProperties", others)
        }
        if let others = unevaluated["unevaluatedItems"], self["items"] == nil {
            guard self["contains"] == nil else {
                throw GrammarError(
                    "unevaluatedItems beside contains is not supported", at: place.appending("unevaluatedItems"))
            }
            result.append("items", others)
        }
        return result
    }
}

extension JSONValue {
    /// Tells whether a schema is a list of values, as `not` may take them out.
    fileprivate var isExclusion: Bool { object.map { $0.entries.count == 1 && $0["enum"]?.array != nil } ?? false }

    /// A schema of what one of several allows.
    static func anyOf(_ schemas: [JSONValue]) -> JSONValue {
        if schemas.count == 1 { return schemas[0] }
        return schemas.isEmpty ? .bool(false) : .object(JSONObject([("anyOf", .array(schemas))]))
    }

    /// A schema of what all of several allow.
    static func allOf(_ schemas: [JSONValue]) -> JSONValue { schemas.reduce(.bool(true)) { SchemaMerge.both($0, $1) } }
}
