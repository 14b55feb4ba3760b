import PenstockGrammars
import PenstockJSON
import Testing

@Suite struct SchemaGrammarTests {
    @Test(arguments: scalars + strings + objects + arrays + combinations)
    func textsAreThoseThatTheSchemaAllows(_ form: GrammarCase) throws { try form.check(FormTexts(schema: form.form)) }

    private static let scalars = [
        GrammarCase(#"{"type": "null"}"#, ["null"], not: ["true", "0"]),
        GrammarCase(#"{"type": "boolean"}"#, ["true", "false"], not: ["null", "True"]),
        GrammarCase(
            #"{"type": "integer"}"#, ["0", "-1", "10", "123456789012345678"],
            not: ["-0", "1.0", "1e2", "01", "1234567890123456789"]),
        GrammarCase(#"{"type": "number"}"#, ["0", "-0.5", "1.25e-3", "7"], not: ["00", "1.", "NaN", "Infinity"]),
        GrammarCase(#"{"type": ["integer", "null"]}"#, ["null", "-3"], not: ["1.5", "true"]),
        GrammarCase(#"{"type": "string", "nullable": true}"#, ["null", #""x""#], not: ["1"]),
        GrammarCase(
            #"{"type": "integer", "minimum": 1, "maximum": 10}"#, (1...10).map(String.init),
            not: ["0", "11", "-1", "100", "01"]),
        GrammarCase(
            #"{"type": "integer", "minimum": -12, "exclusiveMaximum": 5}"#, (-12...4).map(String.init),
            not: ["-13", "5", "-0", "-20", "-100", "12"]),
        GrammarCase(
            #"{"type": "integer", "exclusiveMinimum": 98, "maximum": 1003}"#,
            ["99", "100", "101", "999", "1000", "1003"],
            not: ["98", "1004", "9", "10000", "2000", "-99"]),
        GrammarCase(#"{"type": "integer", "minimum": 0.5, "maximum": 2.5}"#, ["1", "2"], not: ["0", "3"]),
        GrammarCase(#"{"type": "integer", "minimum": 7}"#, ["7", "10", "70", "123456789012345678"], not: ["6", "-7"]),
        GrammarCase(#"{"type": "integer", "maximum": -7}"#, ["-7", "-10", "-8"], not: ["-6", "0", "7"]),
        GrammarCase(
            #"{"type": "integer", "multipleOf": 7, "minimum": -14, "maximum": 700}"#,
            ["-14", "-7", "0", "7", "14", "98", "693", "700"], not: ["1", "-13", "6", "707", "701"]),
        GrammarCase(
            #"{"type": "number", "minimum": 0, "maximum": 1}"#, ["0", "1", "0.5", "0.0", "1.0", "0.999", "1.000"],
            not: ["1.1", "-0.1", "1.001", "2", "1e-1", "10"]),
        GrammarCase(
            #"{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}"#, ["0.5", "0.001", "0.9"],
            not: ["0", "1", "0.0", "-0", "1.0", "-0.5"]),
        GrammarCase(
            #"{"type": "number", "minimum": -1.25, "maximum": 12.5}"#,
            ["-1.25", "-1.2", "-1", "-0.5", "-0", "0", "12.5", "12.49", "9.99", "12", "-1.250"],
            not: ["-1.26", "-1.251", "12.51", "13", "-2", "20", "100"]),
        GrammarCase(
            #"{"type": "number", "minimum": 99.5}"#, ["99.5", "99.51", "100", "1000.1"],
            not: ["99.4", "99", "9", "-100"]),
        // Numbers that double precision does not tell apart.
        GrammarCase(
            #"{"type": "integer", "allOf": [{"minimum": 9007199254740993}, {"minimum": 9007199254740992}]}"#,
            ["9007199254740993"], not: ["9007199254740992"]),
        GrammarCase(
            #"{"type": "integer", "minimum": 9007199254740995, "exclusiveMinimum": 9007199254740993}"#,
            ["9007199254740995"], not: ["9007199254740994"]),
        GrammarCase(
            #"{"enum": [9007199254740993, 5], "maximum": 9007199254740992}"#, ["5"], not: ["9007199254740993"]),
        GrammarCase(
            #"{"allOf": [{"enum": [9007199254740993, 1]}, {"enum": [9007199254740992.0, 1]}]}"#, ["1"],
            not: ["9007199254740993"]),
        GrammarCase(
            #"{"type": "number", "maximum": 9007199254740995}"#, ["9007199254740995"], not: ["9007199254740995.0"]),
        GrammarCase(
            #"{"type": "integer", "maximum": 123456789012345696.0}"#, ["123456789012345696"],
            not: ["123456789012345697", "123456789012345700"]),
        GrammarCase(#"{"type": "number", "multipleOf": 0.01}"#, ["1", "1.5", "-2.25"], not: ["1.255", "1e1"]),
        GrammarCase(
            #"{"enum": [1, "a", null, true, 1.5, "b\n"]}"#, ["1", #""a""#, "null", "true", "1.5", #""b\n""#],
            not: ["2", "a", "false", #""b""#]),
        GrammarCase(#"{"type": "string", "enum": ["a", 1, "ab"]}"#, [#""a""#, #""ab""#], not: ["1", #""b""#]),
        GrammarCase(
            #"{"const": {"a": [1, "x"], "b": {}}}"#, [#"{"a":[1,"x"],"b":{}}"#, #"{"a": [1, "x"], "b": {}}"#],
            not: [#"{"b":{},"a":[1,"x"]}"#, #"{"a":[1,"x"]}"#, "{}"]),
        GrammarCase(#"{"const": "a", "enum": ["a", "b"]}"#, [#""a""#], not: [#""b""#]),
    ]

    private static let strings = [
        GrammarCase(#"{"type": "string"}"#, [#""""#, #""\u00e9""#, #""{}""#], not: ["x", #""a"b""#]),
        GrammarCase(
            #"{"type": "string", "minLength": 2, "maxLength": 3}"#,
            [#""ab""#, #""abc""#, #""é😀""#, #""\n\u0041""#, #""\ud83d\ude00x""#, #""€€€""#],
            not: [#""""#, #""a""#, #""abcd""#, #""\n""#, #""\ud83d\ude00""#, #""😀😀😀😀""#]),
        GrammarCase(#"{"type": "string", "minLength": 1}"#, [#""a""#, #""ab""#], not: [#""""#]),
        GrammarCase(#"{"type": "string", "maxLength": 0}"#, [#""""#], not: [#""a""#]),
        GrammarCase(#"{"type": "string", "pattern": "^[a-c]+$"}"#, [#""a""#, #""abcabc""#], not: [#""""#, #""abd""#]),
        GrammarCase(
            #"{"type": "string", "pattern": "b+"}"#, [#""b""#, #""abba""#, #""\u0041b""#, #""b\n""#],
            not: [#""""#, #""ac""#]),
        GrammarCase(
            #"{"type": "string", "pattern": "^a|c$"}"#, [#""a""#, #""ax""#, #""xc""#], not: [#""x""#, #""ca""#]),
        GrammarCase(
            #"{"type": "string", "pattern": "^.$"}"#, [#""a""#, #""é""#, #""\"""#, #""\\""#, #""\t""#],
            not: [#""""#, #""ab""#, #""\n""#]),
        GrammarCase(
            #"{"type": "string", "pattern": "^[a-z]*$", "minLength": 2, "maxLength": 4}"#, [#""ab""#, #""abcd""#],
            not: [#""a""#, #""abcde""#, #""AB""#]),
        GrammarCase(#"{"pattern": "^\\d{3}$"}"#, [#""123""#], not: ["123", #""12""#, #""1234""#]),
        GrammarCase(
            #"{"type": "string", "format": "date"}"#, [#""2024-02-29""#, #""2023-12-31""#, #""2000-02-29""#],
            not: [#""2023-02-29""#, #""1900-02-29""#, #""2023-13-01""#, #""2023-04-31""#, #""2023-1-1""#]),
        GrammarCase(
            #"{"type": "string", "format": "date-time"}"#,
            [#""2024-02-29T12:30:59Z""#, #""1999-01-01T00:00:00.123+05:30""#],
            not: [#""2024-02-29 12:30:59Z""#, #""2024-02-29T24:00:00Z""#, #""2024-02-29T12:30:59""#]),
        GrammarCase(
            #"{"type": "string", "format": "time"}"#, [#""23:59:59Z""#], not: [#""23:59Z""#, #""24:00:00Z""#]),
        GrammarCase(
            #"{"type": "string", "format": "uuid"}"#, [#""123e4567-e89b-12d3-a456-426614174000""#],
            not: [#""123e4567e89b12d3a456426614174000""#, #""g23e4567-e89b-12d3-a456-426614174000""#]),
        GrammarCase(
            #"{"type": "string", "format": "email"}"#, [#""a.b@example.org""#, #""x+y@a.de""#],
            not: [#""a@b""#, #""@a.de""#, #""a b@c.de""#]),
        GrammarCase(
            #"{"type": "string", "format": "ipv4"}"#, [#""0.0.0.0""#, #""255.249.199.9""#],
            not: [#""256.0.0.0""#, #""1.2.3""#, #""01.2.3.4""#]),
        GrammarCase(
            #"{"type": "string", "format": "ipv6"}"#, [#""::""#, #""::1""#, #""1:2:3:4:5:6:7:8""#, #""fe80::a:b""#],
            not: [#""1:2""#, #""1::2::3""#, #""12345::""#, #""1:2:3:4:5:6:7:8:9""#]),
        GrammarCase(
            #"{"type": "string", "format": "hostname"}"#, [#""localhost""#, #""a-b.example.org""#],
            not: [#""-a""#, #""a-""#, #""a..b""#]),
        GrammarCase(
            #"{"type": "string", "format": "uri"}"#, [#""https://example.org/a%20b?c=d#e""#, #""ftp://a""#],
            not: [#""example.org""#, #""http://a b""#, #""http://a/%zz""#]),
        GrammarCase(
            #"{"type": "string", "format": "duration"}"#, [#""P1D""#, #""PT1H30M""#, #""P1Y2M3DT4H""#, #""P2W""#],
            not: [#""P""#, #""PT""#, #""P1DT""#, #""P1W1D""#, #""1D""#]),
    ]

    private static let objects = [
        GrammarCase(#"{"type": "object"}"#, ["{}", #"{"a": [1, {}]}"#], not: ["[]", "null"]),
        GrammarCase(
            #"{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "null"}}, "required": ["b"]}"#,
            [#"{"b":null}"#, #"{"a":1,"b":null}"#, #"{"a": 1, "b": null}"#],
            not: ["{}", #"{"a":1}"#, #"{"b":null,"a":1}"#, #"{"a":1,"b":null,"c":1}"#, #"{"a":"1","b":null}"#]),
        GrammarCase(
            #"{"properties": {"a": {}, "b": {}, "c": {}}}"#,
            ["{}", #"{"a":1}"#, #"{"b":1}"#, #"{"c":1}"#, #"{"a":1,"c":2}"#, #"{"a":1,"b":2,"c":3}"#],
            not: [#"{"c":1,"a":2}"#, #"{"a":1,"a":2}"#, #"{"d":1}"#, #"{,"a":1}"#]),
        GrammarCase(
            #"{"properties": {"a": {"type": "null"}}, "additionalProperties": {"type": "integer"}}"#,
            ["{}", #"{"a":null}"#, #"{"x":1}"#, #"{"a":null,"x":1,"ab":2}"#, #"{"":3}"#, #"{"b\n\u0061":4}"#],
            not: [#"{"a":1}"#, #"{"x":null}"#, #"{"\u0061":1}"#, #"{"x":1,"a":null}"#]),
        GrammarCase(#"{"additionalProperties": false}"#, ["{}"], not: [#"{"a":1}"#]),
        GrammarCase(
            #"{"required": ["x"]}"#, [#"{"x":[]}"#, #"{"x":1,"y":2}"#], not: ["{}", #"{"y":1}"#]),
        GrammarCase(
            #"{"patternProperties": {"^n_": {"type": "integer"}, "^s_": {"type": "string"}}}"#,
            ["{}", #"{"n_":1}"#, #"{"s_a":"x","n_b":2}"#], not: [#"{"n_a":"x"}"#, #"{"a":1}"#]),
        GrammarCase(
            #"{"properties": {"n_1": {"minimum": 5}}, "patternProperties": {"^n_": {"type": "integer"}}, "additionalProperties": false}"#,
            [#"{"n_1":5}"#, #"{"n_1":7,"n_2":1}"#, #"{"n_2":1}"#],
            not: [#"{"n_1":4}"#, #"{"n_2":1,"n_1":7}"#]),
        GrammarCase(
            #"{"propertyNames": {"pattern": "^[a-z]+$"}, "minProperties": 1, "maxProperties": 2}"#,
            [#"{"a":1}"#, #"{"a":1,"b":2}"#], not: ["{}", #"{"A":1}"#, #"{"a":1,"b":2,"c":3}"#]),
        GrammarCase(
            #"{"properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 2, "maxProperties": 2}"#,
            [#"{"a":1,"b":2}"#, #"{"a":1,"c":2}"#, #"{"b":1,"c":2}"#],
            not: ["{}", #"{"a":1}"#, #"{"a":1,"b":2,"c":3}"#]),
        GrammarCase(
            ##"{"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}}, "required": ["v"]}}}"##,
            [#"{"v":1}"#, #"{"v":1,"next":{"v":2,"next":{"v":3}}}"#],
            not: [#"{"next":{"v":1}}"#, #"{"v":1,"next":null}"#]),
        GrammarCase(#"{"properties": {"\"é/\n": {"const": 1}}}"#, [#"{"\"é/\n":1}"#], not: [#"{"é":1}"#]),
        GrammarCase(#"{"properties": {"a": false, "b": true}}"#, ["{}", #"{"b":1}"#], not: [#"{"a":1}"#]),
    ]

    private static let arrays = [
        GrammarCase(#"{"type": "array"}"#, ["[]", "[1, null]"], not: ["{}", "[1,]"]),
        GrammarCase(#"{"items": {"type": "boolean"}}"#, ["[]", "[true,false, true]"], not: ["[1]"]),
        GrammarCase(
            #"{"items": {"const": 1}, "minItems": 2, "maxItems": 3}"#, ["[1,1]", "[1,1,1]"],
            not: ["[]", "[1]", "[1,1,1,1]"]),
        GrammarCase(#"{"items": {"const": 1}, "minItems": 2}"#, ["[1,1]", "[1,1,1,1,1]"], not: ["[]", "[1]"]),
        GrammarCase(#"{"items": false}"#, ["[]"], not: ["[1]"]),
        GrammarCase(#"{"type": "array", "maxItems": 0}"#, ["[]"], not: ["[1]"]),
        GrammarCase(
            #"{"prefixItems": [{"const": 1}, {"const": 2}]}"#, ["[]", "[1]", "[1,2]"], not: ["[2]", "[1,2,3]"]),
        GrammarCase(
            #"{"prefixItems": [{"const": 1}], "items": {"const": 2}, "minItems": 1}"#, ["[1]", "[1,2,2]"],
            not: ["[]", "[1,1]", "[2]"]),
        GrammarCase(
            #"{"prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}, "minItems": 2, "maxItems": 3}"#,
            ["[1,2]", "[1,2,3]"], not: ["[1]", "[1,2,3,3]"]),
        GrammarCase(
            ##"{"type": "array", "items": {"$ref": "#"}, "maxItems": 2}"##, ["[]", "[[]]", "[[], [[]]]"],
            not: ["[[],[],[]]", "[1]"]),
    ]

    private static let combinations = [
        GrammarCase(#"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#, ["1", #""a""#], not: ["null", "1.5"]),
        GrammarCase(
            #"{"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#,
            [#"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":1}"#], not: ["{}"]),
        GrammarCase(
            #"{"oneOf": [{"properties": {"k": {"const": "a"}, "x": {"type": "integer"}}, "required": ["k"], "type": "object"}, {"properties": {"k": {"const": "b"}}, "required": ["k"], "type": "object"}]}"#,
            [#"{"k":"a"}"#, #"{"k":"a","x":1}"#, #"{"k":"b"}"#], not: [#"{"k":"b","x":1}"#, #"{"x":1}"#]),
        GrammarCase(
            #"{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"type": "null"}}}]}"#,
            [#"{"a":1}"#, #"{"a":1,"b":null}"#], not: ["{}", #"{"b":null}"#]),
        GrammarCase(
            #"{"allOf": [{"type": ["integer", "string"], "minimum": 3}, {"type": "number", "maximum": 5}]}"#,
            ["3", "4", "5"], not: ["2", "6", "4.5", #""a""#]),
        GrammarCase(
            ##"{"$ref": "#/$defs/a", "maxLength": 2, "$defs": {"a": {"type": "string", "minLength": 1}}}"##,
            [#""x""#, #""xy""#], not: [#""""#, #""xyz""#]),
        GrammarCase(
            #"{"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3.0, 4]}]}"#, ["2", "3"], not: ["1", "4"]),
        GrammarCase(
            #"{"allOf": [{"anyOf": [{"const": 1}, {"const": 2}]}, {"anyOf": [{"const": 2}, {"const": 3}]}]}"#, ["2"],
            not: ["1", "3"]),
        GrammarCase(
            #"{"allOf": [{"properties": {"a": {}}, "additionalProperties": false}, {"properties": {"b": {}}}]}"#,
            ["{}", #"{"a":1}"#], not: [#"{"b":1}"#]),
        GrammarCase(
            ##"{"definitions": {"t": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"l": {"$ref": "#/definitions/t"}}, "required": ["l"]}]}}, "$ref": "#/definitions/t"}"##,
            ["null", #"{"l":null}"#, #"{"l":{"l":{"l":null}}}"#], not: ["{}", #"{"l":1}"#]),
        GrammarCase(
            #"{"title": "T", "description": "d", "default": 1, "examples": [2], "$comment": "c", "x-y": 1, "type": "integer"}"#,
            ["5"], not: [#""5""#]),
        // Two spellings of é, which Unicode takes for the same, are two texts.
        GrammarCase(
            #"{"oneOf": [{"const": "\u00e9"}, {"const": "e\u0301"}]}"#, ["\"\u{E9}\"", "\"e\u{301}\""], not: [#""e""#]),
        GrammarCase(
            #"{"allOf": [{"enum": ["\u00e9", "x"]}, {"enum": ["e\u0301", "x"]}]}"#, [#""x""#],
            not: ["\"\u{E9}\"", "\"e\u{301}\""]),
        // A / that a combining character follows ends a part of a pointer.
        GrammarCase(##"{"$defs": {"\u0301a": {"const": 1}}, "$ref": "#/$defs/%CC%81a"}"##, ["1"], not: ["2"]),
        // A number beside a bound that is not within is none that a reader in double precision takes for the bound.
        GrammarCase(
            #"{"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 10}"#,
            ["1.5", "9.99", "1.0000000000001", "9.9999999999999"],
            not: ["1", "1.0", "10", "1.0000000000000001", "9.9999999999999999"]),
    ]
}
