import PenstockJSON

extension SchemaCompiler {
    /// Requires that no value fits two of the alternatives, so that each of them is one of exactly one.
    ///
    /// - Throws: ``GrammarError`` if types, values and properties do not tell them apart.
    mutating func requireDisjoint(
        _ branches: [JSONValue], _ rest: JSONObject, at place: String
    ) throws(GrammarError) {
        var schemas: [(own: JSONObject, place: String)] = []
        for (index, branch) in branches.enumerated() where branch != .bool(false) {
            let place = place.appending("oneOf").appending("\(index)")
            schemas.append((try flattened(branch, at: place) ?? JSONObject(), place))
        }
        if try haveDiscriminator(schemas) { return }
        for (index, (own, place)) in schemas.enumerated() {
            for (other, _) in schemas.prefix(index) {
                try spend(own.weight * other.weight, at: place)
                guard try !areDisjoint(own, other, at: place) else { continue }
                throw GrammarError(
                    "a value may fit this alternative of oneOf and another; have types, const or enum tell them apart, or "
                        + "use anyOf", at: place)
            }
        }
    }

    /// Tells whether all are objects that one property, a value of a list of their own, tells apart.
    private mutating func haveDiscriminator(
        _ schemas: [(own: JSONObject, place: String)]
    ) throws(GrammarError) -> Bool {
        for name in (schemas.first?.own["required"]?.array ?? []).compactMap(\.string) {
            var (seen, isDiscriminator) = (Set<[UInt8]>(), true)
            for (own, place) in schemas where isDiscriminator {
                let texts = try texts(ofRequired: name, own, at: place)
                isDiscriminator = texts.map { seen.isDisjoint(with: $0) } ?? false
                seen.formUnion(texts ?? [])
            }
            if isDiscriminator { return true }
        }
        return false
    }

    /// The texts of the values that a property of an object has to be one of; nil if it may be anything else, or left out,
    /// or one that is written in several ways.
    private mutating func texts(
        ofRequired name: String, _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> Set<[UInt8]>? {
        guard schema.knownTypes == [.object], schema.requires(name), let property = schema["properties"]?[name],
            let values = try flattened(property, at: place)?.values, values.allSatisfy(\.hasOneText)
        else { return nil }
        return Set(values.map(\.text))
    }

    /// Tells whether it is certain that no value fits both.
    private mutating func areDisjoint(
        _ first: JSONObject, _ second: JSONObject, at place: String
    ) throws(GrammarError) -> Bool {
        if let one = first.values, let two = second.values {
            return !one.contains { value in two.contains { $0.isSame(as: value) } }
        }
        let types = (first.knownTypes, second.knownTypes)
        if types.0.isDisjoint(with: types.1) { return true }
        if let values = first.values ?? second.values {
            let others = first.values == nil ? types.0 : types.1
            return !values.contains { value in others.contains { $0.contains(value) } }
        }
        guard types.0 == [.object], types.1 == [.object] else { return false }
        if first.excludesWhat(requires: second) || second.excludesWhat(requires: first) { return true }
        for entry in first["properties"]?.object?.entries ?? [] {
            guard let other = second["properties"]?[entry.key],
                first.requires(entry.key) || second.requires(entry.key),
                let one = try flattened(entry.value, at: place)?.values,
                let two = try flattened(other, at: place)?.values
            else { continue }
            if !one.contains(where: { value in two.contains { $0.isSame(as: value) } }) { return true }
        }
        return false
    }
}

extension JSONValue {
    /// True of values of which no other text is the same: all but numbers in double precision, lists and objects.
    fileprivate var hasOneText: Bool {
        switch self {
        case .null, .bool, .integer, .string: true
        case .double, .array, .object: false
        }
    }
}

extension JSONObject {
    /// The types of the values that fit: those that are said, else those of the values that are listed, else all. What
    /// is an integer is a number, too.
    fileprivate var knownTypes: Set<SchemaType> {
        if let named = self["type"].flatMap(SchemaType.list) {
            return Set(named.contains(.number) ? named + [.integer] : named)
        }
        guard let values else { return Set(SchemaType.allCases) }
        return Set(SchemaType.allCases.filter { type in values.contains { type.contains($0) } })
    }

    fileprivate func requires(_ name: String) -> Bool {
        self["required"]?.array?.contains(.string(name)) ?? false
    }

    /// Tells whether a property that another schema asks for may not be there.
    fileprivate func excludesWhat(requires other: JSONObject) -> Bool {
        guard self["additionalProperties"] == .bool(false), self["patternProperties"] == nil else { return false }
        return (other["required"]?.array ?? []).contains { name in
            name.string.map { self["properties"]?[$0] == nil } ?? false
        }
    }
}
