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

    /// Schemas that are made one, at a place; and bytes of those that rules are found by.
    private static let most = (merges: 1000, bytes: 16 << 20)
    /// The number of pairs that may yet be compared.
    private var workLeft = 4_000_000

    init(_ document: JSONValue) throws(GrammarError) {
        builder = try GrammarBuilder()
        references = SchemaReferences(document: document)
    }

    /// The start of the grammar of the document.
    mutating func compile() throws(GrammarError) -> GrammarPlace {
        try check.check(references.document, at: "#")
        let start = try rule(of: references.document, at: "#")
        while let next = waiting.popLast() {
            let rule = try unshared(next.schema, at: next.place)
            builder.define(next.rule, as: rule)
        }
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
        guard bytes <= Self.most.bytes else { throw GrammarError("it is too large", at: place) }
        let rule = try builder.reserve()
        rules[key] = rule
        waiting.append((rule, try schema(&self), place))
        return rule
    }

    /// The schema that a reference points at, checked.
    private mutating func schema(_ reference: String, at place: String) throws(GrammarError) -> JSONValue {
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
        var result = GrammarBuilder.never
        for (index, branch) in branches.enumerated() {
            let place = place.appending("\(index)")
            let schema = rest.entries.isEmpty ? branch : SchemaMerge.both(.object(rest), branch)
            result = try builder.either(result, rule(of: schema, at: place))
        }
        return result
    }

    /// The keywords of a schema, of which neither `$ref` nor `allOf` is one, nor what says nothing; nil for true and
    /// false, and for a schema that is found to be false.
    mutating func flattened(_ schema: JSONValue, at place: String) throws(GrammarError) -> JSONObject? {
        guard var object = schema.object?.assertions else { return nil }
        var merges = 0
        while true {
            object = try object.withoutNullable(at: place)
            merges += 1
            guard merges < Self.most.merges else {
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
                return object
            }
            for part in parts where part != .bool(true) {
                guard let part = try part.object?.assertions.withoutNullable(at: place) else { return .allowingNothing }
                try spend(object.weight * part.weight, at: place)
                object = try SchemaMerge(place: place).merged(object, part)
            }
        }
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
        if let values = schema.values { return try oneOf(values, schema, at: place) }
        guard let types = schema.types else { return try builder.anyValue() }
        var result = GrammarBuilder.never
        for type in types {
            result = try builder.either(result, rule(of: type, schema, at: place))
        }
        return result
    }

    private mutating func rule(
        of type: SchemaType, _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        switch type {
        case .null: try builder.literal("null", then: GrammarBuilder.end)
        case .boolean: try builder.oneOf([Array("true".utf8), Array("false".utf8)], then: GrammarBuilder.end)
        case .integer, .number: try number(schema, isInteger: type == .integer, at: place)
        case .string: try string(schema, at: place)
        case .array: try array(schema, at: place)
        case .object: try object(schema, at: place)
        }
    }

    private mutating func oneOf(
        _ values: [JSONValue], _ schema: JSONObject, at place: String
    ) throws(GrammarError) -> GrammarPlace {
        let others = schema.without("enum", "const", "type")
        if let other = others.entries.first, !values.isEmpty {
            throw GrammarError("\(other.key) beside enum or const is not supported", at: place.appending(other.key))
        }
        let types = schema["type"].flatMap(SchemaType.list)
        let allowed = values.filter { value in types?.contains { $0.contains(value) } ?? true }
        return try builder.oneOf(allowed, then: GrammarBuilder.end, at: place)
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
