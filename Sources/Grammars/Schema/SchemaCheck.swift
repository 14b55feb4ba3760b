import PenstockJSON

/// Checks that the keywords of a schema are supported, and their values of the right form.
struct SchemaCheck {
    /// Schemas within schemas.
    static let deepestNesting = 48
    /// Schemas, names in a list, and values in a list.
    private static let most = (schemas: 10_000, names: 10_000, values: 20_000)

    /// Schemas that were looked at.
    private var count = 0

    /// Checks a schema and those within it, but for what is only referred to.
    ///
    /// - Parameters:
    ///   - place: the JSON pointer of the schema
    ///   - depth: how many it is within
    /// - Throws: ``GrammarError`` with the place of the first keyword that is not supported or malformed.
    mutating func check(_ schema: JSONValue, at place: String, depth: Int = 0) throws(GrammarError) {
        count += 1
        guard depth <= Self.deepestNesting, count <= Self.most.schemas else {
            throw GrammarError(
                "more than \(Self.deepestNesting) schemas within each other, or \(Self.most.schemas) in all, are too many",
                at: place)
        }
        guard let object = schema.object else {
            if schema.bool != nil { return }
            throw GrammarError("a schema has to be an object, true or false, not \(schema.kind)", at: place)
        }
        if let name = object.firstDuplicateKey {
            throw GrammarError("the keyword stands there twice", at: place.appending(name))
        }
        // References within it would be to what is below it.
        if depth > 0, object["$id"] != nil, schema.hasKey({ $0 == "$ref" }) {
            throw GrammarError("$id is supported in the outermost schema alone", at: place.appending("$id"))
        }
        for entry in object.entries { try check(entry, at: place.appending(entry.key), depth: depth) }
    }

    private mutating func check(_ entry: JSONObject.Entry, at place: String, depth: Int) throws(GrammarError) {
        guard let keyword = SchemaKeyword.all[entry.key] else {
            if entry.key.hasPrefix("x-") { return }
            throw GrammarError("the keyword \(entry.key.shown) is not supported", at: place)
        }
        let value = entry.value
        func require(_ isRight: Bool, _ expected: String) throws(GrammarError) {
            guard isRight else { throw GrammarError("it has to be \(expected), not \(value.kind)", at: place) }
        }
        func checkNames(_ value: JSONValue, at place: String) throws(GrammarError) {
            guard let names = value.array else {
                throw GrammarError("it has to be a list of strings, not \(value.kind)", at: place)
            }
            guard names.count <= Self.most.names else {
                throw GrammarError("more than \(Self.most.names) names are too many", at: place)
            }
            if let other = names.first(where: { $0.string == nil }) {
                throw GrammarError("it has to be a list of strings, without \(other.kind)", at: place)
            }
        }
        switch keyword {
        case .annotation, .anything: break
        case .schema: try check(value, at: place, depth: depth + 1)
        case .schemas:
            try require(value.array?.isEmpty == false, "a list of schemas that is not empty")
            for (index, schema) in (value.array ?? []).enumerated() {
                try check(schema, at: place.appending("\(index)"), depth: depth + 1)
            }
        case .schemasByName:
            try require(value.object != nil, "an object of schemas")
            if let name = value.object?.firstDuplicateKey {
                throw GrammarError("the name stands there twice", at: place.appending(name))
            }
            for schema in value.object?.entries ?? [] {
                try check(schema.value, at: place.appending(schema.key), depth: depth + 1)
            }
        case .count:
            try require(value.integer.map { $0 >= 0 } ?? false, "an integer of at least 0")
        case .number: try require(value.double?.isFinite ?? false, "a finite number")
        case .string, .reference: try require(value.string != nil, "a string")
        case .flag: try require(value.bool != nil, "true or false")
        case .strings: try checkNames(value, at: place)
        case .stringsByName, .dependencies:
            try require(value.object != nil, "an object of lists of strings")
            if let name = value.object?.firstDuplicateKey {
                throw GrammarError("the name stands there twice", at: place.appending(name))
            }
            for dependency in value.object?.entries ?? [] {
                let place = place.appending(dependency.key)
                if case .dependencies = keyword, dependency.value.array == nil {
                    try check(dependency.value, at: place, depth: depth + 1)
                } else {
                    try checkNames(dependency.value, at: place)
                }
            }
        case .values:
            try require(value.array != nil, "a list of values")
            guard value.array?.count ?? 0 <= Self.most.values else {
                throw GrammarError("more than \(Self.most.values) values are too many", at: place)
            }
        case .types:
            if let name = value.string, SchemaType(rawValue: name) == nil {
                throw GrammarError("\(name.shown) is no type of JSON", at: place)
            }
            guard SchemaType.list(value) != nil else {
                throw GrammarError("it has to be a type of JSON, or a list of them", at: place)
            }
        case .unsupported(let remark):
            throw GrammarError("the keyword \(entry.key) is not supported; \(remark)", at: place)
        }
    }
}

extension SchemaType {
    /// The types that the value of `type` names; nil for what names none.
    static func list(_ value: JSONValue) -> [SchemaType]? {
        let names = value.array ?? [value]
        let types = names.compactMap { $0.string.flatMap(SchemaType.init(rawValue:)) }
        return types.count == names.count ? types : nil
    }

    /// Tells whether a value is of the type.
    func contains(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object),
            (.number, .integer), (.number, .double), (.integer, .integer):
            true
        case (.integer, .double(let number)): number.rounded() == number
        default: false
        }
    }
}

extension String {
    /// Bytes from which on a pointer is long enough to be found by.
    private static let longPointer = 2048

    /// The JSON pointer of a part of what this one points at: long names are cut, and of very long pointers the
    /// beginning is enough.
    func appending(_ name: String) -> String {
        guard utf8.count < Self.longPointer else { return self }
        let name = name.utf8.count > Self.longPointer ? name.cut(to: 60) : name
        return self + "/" + name.replacing(["~": "~0", "/": "~1"])
    }

    /// The text with each of its characters that is a key replaced.
    private func replacing(_ texts: [Character: String]) -> String {
        reduce(into: "") { $0 += texts[$1] ?? String($1) }
    }
}
