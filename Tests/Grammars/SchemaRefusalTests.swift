import PenstockGrammars
import PenstockJSON
import Testing

@Suite struct SchemaRefusalTests {
    /// Each schema with the place and a word of the error.
    @Test(arguments: [
        (#"{"not": {"pattern": "a"}}"#, "#/not/pattern", "pattern"),
        (#"{"type": "number", "not": {"type": "integer"}}"#, "#/not/type", "integers"),
        (#"{"not": {"const": {"a": 1}}}"#, "#/not", "properties"),
        (#"{"not": {"const": [1]}}"#, "#/not", "elements"),
        (#"{"if": {"format": "date"}, "then": {}}"#, "#/if/format", "format"),
        (#"{"properties": {"a/b": {"additionalItems": {}}}}"#, "#/properties/a~1b/additionalItems", "additionalItems"),
        (#"{"contains": {"pattern": "a"}, "maxContains": 1}"#, "#/contains/pattern", "pattern"),
        (#"{"contains": {"type": "string"}, "unevaluatedItems": false}"#, "#/unevaluatedItems", "contains"),
        (#"{"items": {"uniqueItems": true}}"#, "#/items/uniqueItems", "uniqueItems"),
        (#"{"items": {"type": "string"}, "uniqueItems": true}"#, "#/uniqueItems", "few values"),
        (#"{"prefixItems": [{"const": 1}], "uniqueItems": true}"#, "#/prefixItems", "uniqueItems"),
        (#"{"anyOf": [{}, {"dependentRequired": []}]}"#, "#/anyOf/1/dependentRequired", "lists of strings"),
        (#"{"dependentRequired": {"a": [1]}}"#, "#/dependentRequired/a", "strings"),
        (
            #"{"type": "object", "not": {"properties": {"a": {"const": 1}}}, "unevaluatedProperties": false}"#, "#/not",
            "unevaluated"
        ),
        (#"{"minimun": 1}"#, "#/minimun", "minimun"),
        (#"{"type": "int"}"#, "#/type", "type"),
        (#"{"type": "object", "properties": []}"#, "#/properties", "object"),
        (#"{"minLength": -1}"#, "#/minLength", "at least 0"),
        (#"{"required": [1]}"#, "#/required", "strings"),
        (#"{"anyOf": []}"#, "#/anyOf", "not empty"),
        (#"{"type": "string", "format": "regex"}"#, "#/format", "regex"),
        (#"{"type": "string", "format": "date", "maxLength": 3}"#, "#/maxLength", "format"),
        (#"{"type": "string", "pattern": "(?=a)"}"#, "#/pattern", "lookahead"),
        (#"{"type": "string", "pattern": "(a"}"#, "#/pattern", "without"),
        (#"{"type": "number", "multipleOf": 1.5}"#, "#/multipleOf", "multipleOf"),
        (#"{"type": "integer", "multipleOf": 5000}"#, "#/multipleOf", "multipleOf"),
        (#"{"type": "number", "multipleOf": 1e-300}"#, "#/multipleOf", "multipleOf"),
        (#"{"properties": {"a": {"const": 123456789012345678901234567890}}}"#, "#/properties/a", "64 bits"),
        (#"{"enum": [1, {"a": [-9223372036854775809]}]}"#, "#", "64 bits"),
        (
            ##"{"items": {"$id": "other", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": true}}, "$defs": {"a": {}}}"##,
            "#/items/$id", "outermost"
        ),
        (#"{"enum": ["a"], "pattern": "a"}"#, "#/pattern", "enum"),
        (#"{"oneOf": [{"type": "integer"}, {"type": "number"}]}"#, "#/oneOf/1", "oneOf"),
        (#"{"oneOf": [{"const": 1}, {"enum": [1.0, 2]}]}"#, "#/oneOf/1", "oneOf"),
        (#"{"$ref": "https://example.org/a"}"#, "#/$ref", "within"),
        (##"{"$ref": "#/$defs/a"}"##, "#/$ref", "nothing"),
        (##"{"$ref": "#a"}"##, "#/$ref", "anchors"), (##"{"$ref": "#/%+1"}"##, "#/$ref", "malformed"),
        (#"{"patternProperties": {"a": {}, "b": {}}}"#, "#/patternProperties/b", "another"),
        (#"{"patternProperties": {"a": {}}, "additionalProperties": true}"#, "#/additionalProperties", "false"),
        (#"{"properties": {"a": {}}, "propertyNames": {}}"#, "#/propertyNames", "propertyNames"),
        (#"{"type": "array", "minItems": 100000}"#, "#/minItems", "minItems"),
        (#"{"properties": {"a": 1}}"#, "#/properties/a", "a number"),
        (#"{"allOf": [{"pattern": "a"}, {"pattern": "b"}]}"#, "#", "pattern"),
    ])
    func whatIsNotSupportedIsNamed(schema: String, place: String, word: String) throws {
        let error = #expect(throws: GrammarError.self, "\(schema)") { try FormTexts(schema: schema) }
        #expect(error?.place == place, "\(schema)")
        #expect(error?.message.contains(word) == true, "\(schema): \(error?.message ?? "")")
    }

    @Test(arguments: [
        "false", #"{"type": []}"#, #"{"type": "integer", "minimum": 3, "maximum": 2}"#, #"{"enum": []}"#,
        #"{"type": "string", "minLength": 3, "maxLength": 2}"#, #"{"const": 1, "type": "string"}"#,
        #"{"required": ["a"], "additionalProperties": false}"#, #"{"items": false, "minItems": 1}"#,
        #"{"allOf": [{"type": "string"}, {"type": "integer"}]}"#,
        ##"{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}"##,
        ##"{"$ref": "#"}"##, #"{"type": "string", "pattern": "^[^\\s\\S]$"}"#,
        #"{"type": "integer", "minimum": 1e30}"#, #"{"properties": {"a": {}}, "minProperties": 2}"#,
        #"{"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 9}"#,
    ])
    func whatNoTextFitsIsAnError(schema: String) {
        #expect(throws: GrammarError.self, "\(schema)") { try FormTexts(schema: schema) }
    }

    /// A schema that allows nothing in one place only leaves that place out.
    @Test func whatCannotBeWrittenIsLeftOut() throws {
        let texts = try FormTexts(
            schema: #"{"type": "object", "properties": {"a": {"enum": []}, "b": {}}}"#)
        #expect(try texts.accept(#"{"b":1}"#.utf8))
        #expect(try !texts.begin(with: #"{"a"#.utf8))
    }

    /// Long names are cut in places, so that schemas within them do not copy them again and again.
    @Test func placesOfLongNamesAreShort() throws {
        let name = String(repeating: "n", count: 100_000)
        let deep = (0..<40).reduce(JSONValue.object(JSONObject([("no", .null)]))) { inner, _ in
            let named = JSONValue.object(JSONObject([(String(repeating: "e\u{301}", count: 1000), inner)]))
            return .object(JSONObject([("properties", named)]))
        }
        for schema in [deep, .object(JSONObject([("properties", .object(JSONObject([(name, deep)])))]))] {
            let error = #expect(throws: GrammarError.self) { try Grammar.schema(schema) }
            #expect(error?.message.contains("no") == true)
            #expect(error?.place?.utf8.count ?? .max < 8000 && error?.place?.hasPrefix("#/properties/") == true)
        }
    }

    @Test func aReferenceToItselfIsRefusedByItsPlace() {
        let schema =
            ##"{"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}"##
        let error = #expect(throws: GrammarError.self) { try FormTexts(schema: schema) }
        #expect(error?.place == "#/$defs/a")
    }

    // MARK: Sizes

    @Test func largeSchemasAreRefusedOrMade() throws {
        let names = (0..<10_000).map { "value number \($0)" }
        let texts = FormTexts(try .schema(.object(JSONObject([("enum", .array(names.map(JSONValue.string)))]))))
        for name in [names[0], names[777], names[9999]] { #expect(try texts.accept("\"\(name)\"".utf8)) }
        #expect(try !texts.accept(#""value number 10000""#.utf8))
        let properties = JSONObject(names.prefix(1000).map { ($0, .bool(true)) })
        let object = FormTexts(try .schema(.object(JSONObject([("properties", .object(properties))]))))
        #expect(try object.accept(#"{"value number 3":1,"value number 999":2}"#.utf8))
        let text = JSONValue.string(String(repeating: "x", count: 1 << 20))
        #expect(throws: GrammarError.self) { try Grammar.schema(.object(JSONObject([("const", text)]))) }
    }

    /// Alternatives that begin alike are followed as one, however many there are.
    @Test func manyAlternativesAreOne() throws {
        let numbers = 0..<10_000
        func list(_ count: Int, _ schema: (Int) -> String) -> String {
            numbers.prefix(count).map(schema).joined(separator: ",")
        }
        let values = try FormTexts(schema: #"{"enum": [\#(list(10_000) { #"{"id":\#($0),"name":["n\#($0)"]}"# })]}"#)
        #expect(try values.accept(#"{"id":77,"name":["n77"]}"#))
        #expect(try values.accept(#"{"id": 9999, "name": ["n9999"]}"#))
        #expect(try !values.accept(#"{"id":77,"name":["n78"]}"#))
        let constants = try FormTexts(schema: #"{"anyOf": [\#(list(5000) { #"{"const": "value \#($0)"}"# })]}"#)
        #expect(try constants.accept(#""value 4999""#))
        #expect(try !constants.accept(#""value 5000""#))
        let lengths = try FormTexts(
            schema: #"{"anyOf": [\#(list(5000) { #"{"type": "string", "maxLength": \#($0 % 70)}"# })]}"#)
        #expect(try lengths.accept("\"" + String(repeating: "é", count: 69) + "\""))
        #expect(try !lengths.begin(with: "\"" + String(repeating: "é", count: 70)))
        let tagged = try FormTexts(
            schema:
                #"{"oneOf": [\#(list(1000) { #"{"type": "object", "properties": {"kind": {"const": "k\#($0)"}, "v": {"const": \#($0)}}, "required": ["kind"]}"# })]}"#
        )
        #expect(try tagged.accept(#"{"kind":"k17","v":17}"#))
        #expect(try tagged.accept(#"{"kind": "k999"}"#))
        #expect(try !tagged.begin(with: #"{"kind":"k17","v":18"#))
        // Texts of which each begins with the one before.
        let texts = FormTexts(try .choice(of: (1...500).map { String(repeating: "a", count: $0) }))
        #expect(try texts.accept(String(repeating: "a", count: 500)))
        #expect(try !texts.begin(with: String(repeating: "a", count: 501)))
    }

    @Test func deepSchemasAreRefused() {
        var schema = JSONValue.bool(true)
        for _ in 0..<300 { schema = .object(JSONObject([("items", schema)])) }
        #expect(throws: GrammarError.self) { try Grammar.schema(schema) }
    }

    /// Each definition refers twice to the next, so that written out they would be 2^200.
    @Test func referencesAreFollowedOnce() throws {
        var definitions = JSONObject()
        for index in 0..<200 {
            let next = JSONValue.object(JSONObject([("$ref", .string("#/$defs/d\(index + 1)"))]))
            definitions.append("d\(index)", .object(JSONObject([("anyOf", .array([next, next]))])))
        }
        definitions.append("d200", .object(JSONObject([("const", .integer(7))])))
        let schema = JSONValue.object(
            JSONObject([("$ref", .string("#/$defs/d0")), ("$defs", .object(definitions))]))
        #expect(try FormTexts(.schema(schema)).accept("7"))
    }

    /// Schemas that grow as they are made one end in an error, or in a texts.
    @Test func whatIsMadeOneWithItselfComesToAnEnd() {
        let schemas = [
            ##"{"$defs": {"a": {"properties": {"x": {"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"x": {"minimum": 1}}}]}}}}, "$ref": "#/$defs/a"}"##,
            ##"{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "object"}]}}, "$ref": "#/$defs/a"}"##,
            ##"{"$ref": "#", "type": "object"}"##,
        ]
        for schema in schemas {
            do {
                let texts = try FormTexts(schema: schema)
                #expect(try texts.accept("{}".utf8))
            } catch {
                #expect(error is GrammarError)
            }
        }
    }
}
