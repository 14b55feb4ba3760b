import PenstockJSON

/// Makes a grammar of a schema of JSON Schema 2020-12.
///
/// The grammar's texts are values that the schema allows, written in one way: properties in the order of the schema,
/// a space or none behind colons and commas, numbers of few digits.
struct SchemaCompiler {
    var builder: GrammarBuilder
    private let references: SchemaReferences
    /// Rules by what they are the rule of: a reference, or the text of a schema that others are made one with.
    private var rules: [[UInt8]: GrammarPlace] = [:]
    /// Rules whose place is known, and that are made in their turn.
    private var waiting: [(rule: GrammarPlace, schema: JSONValue, place: String)] = []
    private var check = SchemaCheck()
    private var checked: Set<String> = []
    private var depth = 0
    /// Bytes of schemas that rules are found by.
    private var bytes = 0

    /// Schemas that are being made one, within each other.
    var flattening = 0
    /// True if the document says something of what is not evaluated.
    let hasUnevaluated: Bool

    /// Bytes of schemas that rules are found by.
    private static let mostBytes = 16 << 20
    /// The number of pairs that may yet be compared.
    private var workLeft = 4_000_000

    init(_ document: JSONValue) throws(GrammarError) {
        builder = try GrammarBuilder()
        references = SchemaReferences(document: document)
        hasUnevaluated = document.hasKey { $0 == "unevaluatedProperties" || $0 == "unevaluatedItems" }
    }

    /// The start of the grammar of the document.
    mutating func compile() throws(GrammarError) -> GrammarPlace {
        try check.check(references.document, at: "#")
        let start = try rule(of: references.document, at: "#")
        while let next = waiting.popLast() {
            let rule = try unshared(next.schema, at: next.place)
            builder.define(next.rule, as: rule)
        }
        builder.mergeChoices()
        return start
    }

    // MARK: Schemas

    /// The rule of a schema.
    ///
    /// - Parameter place: its JSON pointer
    mutating func rule(of schema: JSONValue, at place: String) throws(GrammarError) -> GrammarPlace {
        let assertions = schema.object.map(\.assertions)
        if let reference = assertions?["$ref"]?.string, assertions?.entries.count == 1 {
            return try shared(Array(reference.utf8), at: reference) { (compiler) throws(GrammarError) in
                try compiler.schema(reference, at: place.appending("$ref"))
            }
        }
        // A schema that is made one with others may contain itself.
        if let assertions, assertions["$ref"] != nil || assertions["allOf"] != nil {
            return try shared(JSONValue.object(assertions).checkedText(at: place), at: place) { _ in schema }
        }
        return try unshared(schema, at: place)
    }

    private mutating func shared(
        _ key: [UInt8], at place: String, _ schema: (inout SchemaCompiler) throws(GrammarError) -> JSONValue
    ) throws(GrammarError) -> GrammarPlace {
        if let rule = rules[key] { return rule }
        bytes += key.count
        guard bytes <= Self.mostBytes else { throw GrammarError("it is too large", at: place) }
        let rule = try builder.reserve()
        rules[key] = rule
        waiting.append((rule, try schema(&self), place))
        return rule
    }

    /// The schema that a reference points at, checked.
    mutating func schema(_ reference: String, at place: String) throws(GrammarError) -> JSONValue {
        let schema = try references.schema(reference, at: place)
        if checked.insert(reference).inserted { try check.check(schema, at: reference) }
        return schema
    }

    private mutating func unshared(_ schema: JSONValue, at place: String) throws(GrammarError) -> GrammarPlace {
        depth += 1
        defer { depth -= 1 }
        guard depth <= SchemaCheck.deepestNesting + 1 else {
            throw GrammarError("schemas are nested too deeply", at: place)
        }
        guard let object = try flattened(schema, at: place) else {
            return schema == .bool(true) ? try builder.anyValue() : GrammarBuilder.never
        }
        for keyword in ["anyOf", "oneOf"] {
            guard let branches = object[keyword]?.array else { continue }
            if keyword == "oneOf" { try requireDisjoint(branches, object.without(keyword), at: place) }
            return try alternatives(branches, object.without(keyword), at: place.appending(keyword))
        }
        return try value(object, at: place)
    }

    private mutating func alternatives(
        _ branches: [JSONValue], _ rest: JSONObject, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        var (rules, values) = ([GrammarPlace](), [JSONValue]())
        for (index, branch) in branches.enumerated() {
            let place = place.appending("\(index)")
            if rest.entries.isEmpty, let listed = branch.object?.assertions.listedValues {
                values += listed
                continue
            }
            let schema = rest.entries.isEmpty ? branch : SchemaMerge.both(.object(rest), branch)
            rules.append(try rule(of: schema, at: place))
        }
        if !values.isEmpty { rules.append(try builder.oneOf(values, then: GrammarBuilder.end, at: place)) }
        return try builder.choice(of: rules)
    }

    /// Counts work that grows faster than the schema.
    ///
    /// - Throws: ``GrammarError`` if it is too much.
    mutating func spend(_ work: Int, at place: String) throws(GrammarError) {
        workLeft -= work
        guard workLeft >= 0 else { throw GrammarError("it is too large, or refers to too much", at: place) }
    }

    // MARK: Values

    private mutating func value(_ schema: JSONObject, at place: String) throws(GrammarError) -> GrammarPlace {
        if let values = try fittingValues(schema, at: place) {
            return try builder.oneOf(values, then: GrammarBuilder.end, at: place)
        }
        let types = schema.types ?? (schema["not"] == nil ? nil : SchemaType.allCases.filter { $0 != .integer })
        guard let types else { return try builder.anyValue() }
        let rules = try types.map { (type) throws(GrammarError) in try rule(of: type, schema, at: place) }
        return try builder.choice(of: rules)
    }

    private mutating func rule(
        of type: SchemaType, _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        switch type {
        case .null, .boolean:
            try builder.oneOf(
                schema.withoutExcluded(type == .null ? [.null] : [.bool(true), .bool(false)]),
                then: GrammarBuilder.end, at: place)
        case .integer, .number: try numbers(schema, isInteger: type == .integer, at: place)
        case .string: try string(schema, at: place)
        case .array: try array(schema, at: place)
        case .object: try object(schema, at: place)
        }
    }
}

extension Grammar {
    /// The grammar of the values that a schema of JSON Schema 2020-12 allows.
    ///
    /// - Throws: ``GrammarError`` for a malformed or unsatisfiable schema, and for a keyword that is not supported, by
    ///   its name and its JSON pointer.
    package static func schema(_ document: JSONValue) throws(GrammarError) -> Grammar {
        var compiler = try SchemaCompiler(document)
        let start = try compiler.compile()
        return try Grammar(compiler.builder, start: start)
    }
}
