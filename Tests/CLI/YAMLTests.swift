import PenstockJSON
import Testing
import penstock

@Suite struct YAMLTests {
    private static func json(_ yaml: String) throws -> JSONValue { try YAMLParser.node(in: yaml).json }

    /// The same value written in YAML and in JSON, which is a part of it.
    @Test(
        arguments: [
            ("a: 1\nb: [x, 'y', \"z\"]  # c\n", #"{"a": 1, "b": ["x", "y", "z"]}"#),
            (
                "---\n# first\na:\n  b:\n    c: 1\n  d: e f\n\nf:\n...\n",
                #"{"a": {"b": {"c": 1}, "d": "e f"}, "f": null}"#
            ),
            (
                "a:\n- b\n-   c: d\n    e: f\n- - 1\n  - 2\n-\n  g: h\n",
                #"{"a": ["b", {"c": "d", "e": "f"}, [1, 2], {"g": "h"}]}"#
            ),
            (
                "a: {b: 1,\n  c: [2,\n], }\r\nd: http://x:80/y#z\r\n",
                #"{"a": {"b": 1, "c": [2]}, "d": "http://x:80/y#z"}"#
            ),
            ("a: 'it''s'\nb: \"\\u00e9\\n\\uD83D\\uDE00\\\"\"\n", #"{"a": "it's", "b": "é\n😀\""}"#),
            (
                "[1, -2, 0x1F, 0o17, 1.5, 1e3, .5, '1', 1_0, 0x, 1.2.3]",
                #"[1, -2, 31, 15, 1.5, 1000.0, 0.5, "1", "1_0", "0x", "1.2.3"]"#
            ),
            ("[true, False, yes, on, ~, null, .inf, .nan]", #"[true, false, "yes", "on", null, null, ".inf", ".nan"]"#),
            ("\u{FEFF}\"a b\": -x\n", #"{"a b": "-x"}"#), ("# nothing\n", "null"), ("", "null"),
            (#"{"a": [1, {"b": "c"}], "d":{}}"#, #"{"a": [1, {"b": "c"}], "d": {}}"#),
        ] as [(String, String)])
    func values(yaml: String, json: String) throws {
        #expect(try Self.json(yaml) == JSONValue(parsing: json.utf8))
    }

    @Test(
        arguments: [
            ("a: b: c", 1, "quotes"), ("a: &x 1", 1, "anchors"), ("b: 1\na: *x", 2, "aliases"),
            ("a: !!int 1", 1, "tags"),
            ("a: |\n  b", 1, "blocks"), ("a: \"b\n\"", 1, "quotes"), ("a: 'b", 1, "quotes"),
            ("\n\na: [b", 3, "bracket"),
            ("a:\n\tb: 1", 2, "tab"), ("a: 1\n  b: 2", 2, "indented"), ("a: 1\n\"a\": 2", 2, "line 1"),
            ("a: b\n  c", 2, "indented"), ("%YAML 1.2\n---\n", 1, "directives"), ("a: 1\n---\nb: 2", 2, "documents"),
            ("- a\nb: c", 2, "nothing above"), ("? a\n: b", 1, "scalars"), ("{[a]: b}", 1, "scalars"),
            ("a: - b", 1, "list"), (": a", 1, "key"), ("a: @b", 1, "quotes"), ("a: \"\\q\"", 1, "escape"),
            ("a: \"\\uD83D\"", 1, "escape"), ("a: {b: 1}}", 1, "behind"),
        ] as [(String, Int, String)])
    func whatIsNotSupportedIsRefusedByItsName(yaml: String, line: Int, mention: String) throws {
        let error = #expect(throws: YAMLError.self) { try Self.json(yaml) }
        #expect(error?.line == line)
        #expect(error?.message.contains(mention) == true, "\(error?.message ?? "")")
    }

    @Test func depthAndSizeHaveBounds() throws {
        #expect(throws: YAMLError.self) { try Self.json(String(repeating: "[", count: 100_000)) }
        #expect(throws: YAMLError.self) { try Self.json(String(repeating: "- ", count: 100_000)) }
        #expect(throws: YAMLError.self) { try Self.json(String(repeating: "#", count: 300_000)) }
    }

    /// No bytes end the process, and nothing runs on for ever.
    @Test func anyTextIsAValueOrAnError() throws {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "a", "b: ", "- ", "\n", "  ", "\"", "'", "[", "]", "{", "}", ",", ": ", "#", " #", "\t", "\r", "\\u", "é",
            "---", "?",
        ]
        for _ in 0..<2000 {
            let text = (0..<12).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
            _ = try? Self.json(text)
        }
    }
}
