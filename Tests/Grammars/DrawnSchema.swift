import PenstockJSON
import PenstockTestSupport

/// Schemas that are drawn, and values to try them with.
enum DrawnSchema {
    private static let scalars: [JSONValue] = [
        .null, .bool(true), .bool(false), .integer(0), .integer(1), .integer(2), .integer(5), .integer(-1),
        .string("a"),
        .string("b"), .string("ab"), .string(""),
    ]
    private static let names = ["a", "b", "c"]

    static func text(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    static func random(using random: inout SeededGenerator) -> JSONValue {
        Int.random(in: 0..<3, using: &random) == 0 ? array(&random) : object(&random)
    }

    /// Values that the schema may allow, the properties of objects in the order in which they are written.
    static func values(of schema: JSONValue, using random: inout SeededGenerator) -> [JSONValue] {
        var values: [JSONValue] = []
        for _ in 0..<60 {
            if schema["type"] == .string("array") {
                let count = Int.random(in: 0...3, using: &random)
                values.append(.array((0..<count).map { _ in scalar(&random) }))
            } else {
                let some = names.filter { _ in Bool.random(using: &random) }
                values.append(.object(JSONObject(some.map { ($0, scalar(&random)) })))
            }
        }
        return values
    }

    private static func scalar(_ random: inout SeededGenerator) -> JSONValue {
        scalars.randomElement(using: &random) ?? .null
    }

    private static func name(_ random: inout SeededGenerator) -> String { names.randomElement(using: &random) ?? "a" }

    private static func some(_ random: inout SeededGenerator) -> JSONValue {
        .array(scalars.filter { _ in Int.random(in: 0..<3, using: &random) == 0 } + [scalar(&random)])
    }

    private static func make(_ entries: (String, JSONValue)...) -> JSONValue { .object(JSONObject(entries)) }

    private static func types(_ names: String...) -> JSONValue { .array(names.map(JSONValue.string)) }

    /// A schema of scalars.
    private static func leaf(_ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: make(("const", scalar(&random)))
        case 1: make(("enum", some(&random)))
        case 2: make(("type", types("string", "null")))
        case 3: make(("type", .string("number")), ("maximum", .integer(Int.random(in: 0...4, using: &random))))
        case 4: make(("type", .string("string")), ("minLength", .integer(Int.random(in: 0...2, using: &random))))
        case 5: make(("not", make(("enum", some(&random)))))
        case 6: make(("type", types("string", "number", "null", "boolean")), ("not", leaf(&random)))
        default:
            make(
                ("type", types("string", "number", "boolean")), ("if", leaf(&random)), ("then", leaf(&random)),
                ("else", leaf(&random)))
        }
    }

    /// A schema that says something of an object with some of the names.
    private static func condition(_ random: inout SeededGenerator) -> JSONValue {
        let name = name(&random)
        let required = ("required", JSONValue.array([.string(name)]))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return make(required)
        case 1: return make(("properties", make((name, leaf(&random)))))
        case 2: return make(("properties", make((name, leaf(&random)))), required)
        default: return make(("anyOf", .array([condition(&random), condition(&random)])))
        }
    }

    private static func object(_ random: inout SeededGenerator) -> JSONValue {
        var schema = JSONObject([("type", .string("object"))])
        let kind = Int.random(in: 0..<7, using: &random)
        if kind == 0 {
            let parts = names.dropFirst().map { make(("properties", make(($0, leaf(&random))))) }
            schema.append("properties", make((names[0], leaf(&random))))
            schema.append(Bool.random(using: &random) ? "allOf" : "anyOf", .array(parts))
            schema.append("unevaluatedProperties", .bool(false))
            return .object(schema)
        }
        schema.append("properties", .object(JSONObject(names.map { ($0, leaf(&random)) })))
        if Bool.random(using: &random) { schema.append("required", .array([.string(name(&random))])) }
        if Bool.random(using: &random) { schema.append("additionalProperties", .bool(false)) }
        switch kind {
        case 1: schema.append("not", condition(&random))
        case 2:
            schema.append("if", condition(&random))
            schema.append("then", condition(&random))
            schema.append("else", condition(&random))
        case 3: schema.append("dependentRequired", make((name(&random), .array([.string(name(&random))]))))
        case 4: schema.append("dependentSchemas", make((name(&random), condition(&random))))
        case 5:
            let conditions = (0..<3).map { _ in make(("if", condition(&random)), ("then", condition(&random))) }
            schema.append("allOf", .array(conditions))
        default: schema.append("allOf", .array([make(("not", condition(&random))), condition(&random)]))
        }
        return .object(schema)
    }

    private static func array(_ random: inout SeededGenerator) -> JSONValue {
        var schema = JSONObject([("type", .string("array"))])
        if Int.random(in: 0..<3, using: &random) == 0 {
            schema.append("items", make(("enum", some(&random))))
            schema.append("uniqueItems", .bool(true))
        } else {
            schema.append("items", leaf(&random))
            schema.append("contains", leaf(&random))
            if Bool.random(using: &random) {
                schema.append("minContains", .integer(Int.random(in: 0...2, using: &random)))
            }
            if Bool.random(using: &random) {
                schema.append("maxContains", .integer(Int.random(in: 0...2, using: &random)))
            }
        }
        if Bool.random(using: &random) { schema.append("minItems", .integer(Int.random(in: 0...2, using: &random))) }
        if Bool.random(using: &random) { schema.append("maxItems", .integer(Int.random(in: 0...3, using: &random))) }
        return .object(schema)
    }
}
