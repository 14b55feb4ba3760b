import PenstockJSON
import Testing

@Suite struct ParserTests {
    static let values: [(text: String, value: JSONValue)] = [
        ("null", .null), ("true", .bool(true)), ("false", .bool(false)), (" \t\r\n1 \n", .integer(1)),
        ("[]", .array([])), ("[ ]", .array([])), ("{}", .object(JSONObject())), ("{ }", .object(JSONObject())),
        ("[1,[2 , 3]]", .array([.integer(1), .array([.integer(2), .integer(3)])])),
        (
            #"{"b":1,"a":[null],"":{}}"#,
            .object(JSONObject([("b", .integer(1)), ("a", .array([.null])), ("", .object(JSONObject()))]))
        ),
    ]

    @Test(arguments: values)
    func valuesAndSpace(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text.utf8) == value)
        // Also out of a sequence without contiguous storage.
        #expect(try JSONValue(parsing: AnySequence(text.utf8)) == value)
    }

    static let numbers: [(text: String, value: JSONValue)] = [
        ("0", .integer(0)), ("-0", .integer(0)), ("-7", .integer(-7)), ("1000000007", .integer(1_000_000_007)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .double(0x1p63)), ("-9223372036854775809", .double(-0x1p63)),
        ("1000000000000000000", .integer(1_000_000_000_000_000_000)), ("100000000000000000000", .double(1e20)),
        ("3.0", .double(3)), ("0.1", .double(0.1)), ("-0.0", .double(-0.0)), ("1e2", .double(100)),
        ("1E+2", .double(100)), ("125e-3", .double(0.125)), ("0e0", .double(0)),
        ("0.10000000149011612", .double(Double(Float(0.1)))),
        ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("5e-324", .double(.leastNonzeroMagnitude)),
        ("1e-400", .double(0)),
        ("0.000000000000000000000000000000000000000000000000000000000000001e63", .double(1)),
        ("9007199254740993.0", .double(9007199254740992)),
    ]

    @Test(arguments: numbers)
    func numbersKeepTheirKind(text: String, value: JSONValue) throws {
        let parsed = try JSONValue(parsing: text.utf8)
        #expect(parsed == value)
        #expect(parsed.double?.sign == value.double?.sign)
    }

    static let strings: [(text: String, value: String)] = [
        (#""""#, ""), (#""plain""#, "plain"), (#""中é🙂""#, "中é🙂"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9""#, "Aéé"), (#""\u0000x""#, "\u{0}x"), (#""\ud83d\ude42""#, "🙂"),
        (#""a\uD800\uDC00b""#, "a\u{10000}b"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"), (#""é\né""#, "é\né"),
        ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
    ]

    @Test(arguments: strings)
    func stringsAndEscapes(text: String, value: String) throws {
        let parsed = try #require(try JSONValue(parsing: text.utf8).string)
        #expect(Array(parsed.unicodeScalars) == Array(value.unicodeScalars))
    }

    @Test func accessors() throws {
        let document = try JSONValue(
            parsing: #"{"i":3,"d":3.0,"h":3.5,"big":1e30,"s":"x","b":true,"n":null,"a":[1]}"#.utf8)
        #expect(document["i"]?.integer == 3 && document["d"]?.integer == 3 && document["i"]?.double == 3)
        #expect(document["h"]?.integer == nil && document["big"]?.integer == nil && document["s"]?.integer == nil)
        #expect(document["s"]?.string == "x" && document["b"]?.bool == true && document["a"]?.array == [.integer(1)])
        #expect(document["n"]?.isNull == true && document["none"] == nil && document["s"]?["x"] == nil)
        #expect(document["b"]?.integer == nil && document["b"]?.double == nil && document["i"]?.bool == nil)
        #expect(
            document.object?.entries.map(\.value.kind) == [
                "a number", "a number", "a number", "a number", "a string", "a boolean", "null", "an array",
            ])
        #expect(document.kind == "an object")
    }

    @Test func repeatedKeysAreKeptAndFound() throws {
        let object = try #require(try JSONValue(parsing: #"{"a":1,"b":2,"a":3,"\u0062":4}"#.utf8).object)
        #expect(object.entries.map(\.key) == ["a", "b", "a", "b"])
        #expect(object["a"] == .integer(3) && object["b"] == .integer(4))
        #expect(object.firstDuplicateKey == "a")
        #expect(JSONObject([("a", .null), ("b", .null)]).firstDuplicateKey == nil)
    }

    /// Keys are the same if their code points are, as in Python; Swift's own comparison looks through Unicode's equivalences.
    @Test func equivalentKeysAreNotTheSame() throws {
        let object = try #require(try JSONValue(parsing: #"{"\u00e9":1,"e\u0301":2}"#.utf8).object)
        #expect(object.firstDuplicateKey == nil)
        #expect(object["\u{E9}"] == .integer(1) && object["e\u{301}"] == .integer(2))
    }

    @Test func deepNesting() throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)
            }
            #expect(throws: Never.self) { try JSONValue(parsing: nested(256).utf8) }
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(257).utf8) }
            #expect(error?.message == "nested deeper than 256 levels" && error?.offset == 256 * open.utf8.count)
            #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: open, count: 1_000_000).utf8) }
        }
        // What is closed again does not count.
        let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSONValue(parsing: wide.utf8).array?.count == 1000)
    }

    /// The one and the other spelling of é are the same for Swift's strings, but not for JSON's.
    @Test func valuesAreComparedByCodePoints() throws {
        let (one, other) = (JSONValue.string("\u{E9}"), JSONValue.string("e\u{301}"))
        #expect(one == .string("\u{E9}") && one != other)
        #expect(JSONValue.array([one]) != .array([other]))
        #expect(JSONValue.object(JSONObject([("\u{E9}", .null)])) != .object(JSONObject([("e\u{301}", .null)])))
        #expect(JSONValue.object(JSONObject([("a", one)])) == .object(JSONObject([("a", one)])))
    }
}
