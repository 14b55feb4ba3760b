import PenstockGrammars
import PenstockJSON
import PenstockTestSupport
import Testing

/// Conditions, negations, counts and what is not evaluated.
@Suite struct SchemaConditionTests {
    @Test(arguments: [
        GrammarCase(
            #"{"not": {"type": ["object", "array", "number"]}}"#, ["null", "true", #""a""#], not: ["1", "[]", "{}"]),
        GrammarCase(
            #"{"type": "string", "not": {"enum": ["a", "ab", "", 1]}}"#, [#""b""#, #""aa""#, #""abc""#, #""é""#],
            not: [#""a""#, #""ab""#, #""""#, #""\u0061""#, "1"]),
        GrammarCase(
            #"{"type": "string", "not": {"const": "ab"}, "maxLength": 2}"#, [#""a""#, #""ac""#, #""""#],
            not: [#""ab""#, #""abc""#]),
        GrammarCase(
            #"{"type": "string", "pattern": "^a+$", "not": {"const": "aa"}}"#, [#""a""#, #""aaa""#], not: [#""aa""#]),
        GrammarCase(
            #"{"type": "integer", "minimum": -1, "maximum": 5, "not": {"enum": [0, 3, "x"]}}"#,
            ["-1", "1", "2", "4", "5"], not: ["0", "3", "-0", "6"]),
        GrammarCase(#"{"type": "integer", "not": {"minimum": 3}}"#, ["2", "-7"], not: ["3", "10"]),
        GrammarCase(#"{"type": "number", "not": {"const": 0}}"#, ["1", "0.5", "-0.5"], not: ["0", "-0", "0.0"]),
        GrammarCase(#"{"type": "array", "not": {"const": []}}"#, ["[1]"], not: ["[]"]),
        GrammarCase(#"{"type": "object", "not": {"const": {}}}"#, [#"{"a":1}"#], not: ["{}"]),
        GrammarCase(
            #"{"type": "object", "properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}}"#,
            ["{}", #"{"a":1}"#, #"{"b":1}"#], not: [#"{"a":1,"b":1}"#]),
        GrammarCase(
            #"{"type": "object", "properties": {"country": {"enum": ["US", "CA"]}, "zip": {"type": "string", "maxLength": 1}}, "required": ["country", "zip"], "if": {"properties": {"country": {"const": "US"}}}, "then": {"properties": {"zip": {"const": "1"}}}, "else": {"properties": {"zip": {"enum": ["2", "3"]}}}}"#,
            [#"{"country":"US","zip":"1"}"#, #"{"country":"CA","zip":"2"}"#],
            not: [#"{"country":"US","zip":"2"}"#, #"{"country":"CA","zip":"1"}"#]),
        GrammarCase(
            #"{"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "dependentRequired": {"a": ["b"], "b": ["c"]}}"#,
            ["{}", #"{"c":1}"#, #"{"b":1,"c":2}"#, #"{"a":1,"b":2,"c":3}"#],
            not: [#"{"a":1}"#, #"{"a":1,"b":2}"#, #"{"b":1}"#]),
        GrammarCase(
            #"{"items": {"type": "integer"}, "contains": {"minimum": 5}, "minContains": 2, "maxContains": 2}"#,
            ["[5,6]", "[1,5,1,7,2]"], not: ["[]", "[5]", "[5,6,7]", "[1,2]"]),
        GrammarCase(
            #"{"items": {"enum": ["a", "b", "c"]}, "uniqueItems": true, "minItems": 1}"#,
            [#"["a"]"#, #"["c","a","b"]"#], not: ["[]", #"["a","a"]"#, #"["a","b","a"]"#]),
        GrammarCase(
            #"{"items": {"enum": [1, 1.0, 2]}, "uniqueItems": true}"#, ["[1,2]", "[2,1]"], not: ["[1,1.0]", "[1,1]"]),
        GrammarCase(
            #"{"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], "unevaluatedProperties": false}"#,
            ["{}", #"{"a":1,"b":2}"#], not: [#"{"c":1}"#]),
        // What stands within a part does not see what stands beside it.
        GrammarCase(
            #"{"allOf": [{"properties": {"a": {}}, "unevaluatedProperties": false}, {"properties": {"b": {}}}]}"#,
            ["{}", #"{"a":1}"#], not: [#"{"b":1}"#, #"{"a":1,"b":1}"#]),
        GrammarCase(
            #"{"type": "object", "anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], "unevaluatedProperties": false}"#,
            ["{}", #"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":1}"#], not: [#"{"c":1}"#]),
        GrammarCase(
            #"{"prefixItems": [{"const": 1}], "unevaluatedItems": {"const": 2}}"#, ["[]", "[1]", "[1,2,2]"],
            not: ["[1,1]"]),
        GrammarCase(#"{"enum": [1, 5, "abc"], "minimum": 3, "maxLength": 2}"#, ["5"], not: ["1", #""abc""#]),
    ])
    func textsAreThoseThatTheSchemaAllows(_ form: GrammarCase) throws { try form.check(FormTexts(schema: form.form)) }

    /// Twenty conditions, each on a value of its own, are as many alternatives and not 2^20.
    @Test func conditionsOnOnePropertyAreToldApart() throws {
        let names = (0..<20).map { "k\($0)" }
        let conditions = names.enumerated().map { index, name in
            #"{"if": {"properties": {"k": {"const": "\#(name)"}}, "required": ["k"]}, "then": {"properties": {"v": {"const": \#(index)}}}}"#
        }
        let texts = try FormTexts(
            schema:
                #"{"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}, "required": ["k", "v"], "allOf": [\#(conditions.joined(separator: ","))]}"#
        )
        for (index, name) in names.enumerated() {
            #expect(try texts.accept(#"{"k":"\#(name)","v":\#(index)}"#))
            #expect(try !texts.accept(#"{"k":"\#(name)","v":\#(index + 1)}"#))
        }
        #expect(try texts.accept(#"{"k":"other","v":77}"#))
    }

    // MARK: Schemas that are drawn

    /// Of schemas that are drawn, exactly the values are written that the letter of JSON Schema allows.
    @Test(arguments: 0..<8) func drawnSchemasMeanWhatTheySay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var (served, allowed) = (0, 0)
        for _ in 0..<60 {
            let schema = DrawnSchema.random(using: &random)
            let texts: FormTexts
            do {
                texts = FormTexts(try .schema(schema))
            } catch {
                for value in DrawnSchema.values(of: schema, using: &random) where error.description == "no text fits it"
                {
                    #expect(!SchemaValidator.allows(schema, value), "\(DrawnSchema.text(schema)) allows \(value)")
                }
                continue
            }
            served += 1
            for value in DrawnSchema.values(of: schema, using: &random) {
                let isAllowed = SchemaValidator.allows(schema, value)
                allowed += isAllowed ? 1 : 0
                let text = DrawnSchema.text(value)
                #expect(try texts.accept(text) == isAllowed, "\(DrawnSchema.text(schema)) and \(text)")
            }
        }
        #expect(served > 30 && allowed > 100)
    }
}
