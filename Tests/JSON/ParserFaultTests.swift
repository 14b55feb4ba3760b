import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct ParserFaultTests {
    static let faults: [(text: String, message: String, offset: Int)] = [
        ("", "unexpected end", 0), ("  ", "unexpected end", 2), ("[1,", "unexpected end", 3),
        (#"{"a":"#, "unexpected end", 5),
        ("1 2", "unexpected text after the document", 2), ("{}x", "unexpected text after the document", 2),
        ("nul", "expected a value", 0), ("[truf]", "expected a value", 1), ("x", "expected a value", 0),
        ("NaN", "expected a value", 0), ("-Infinity", "expected a value", 0), ("-", "expected a value", 0),
        ("+1", "expected a value", 0), (".5", "expected a value", 0), ("[1,]", "expected a value", 3),
        ("'a'", "expected a value", 0),
        ("\u{FEFF}\u{FEFF}1", "expected a value", 3), ("\u{FEFF}", "unexpected end", 3),
        ("1\u{FEFF}", "unexpected text after the document", 1), ("01", "a number with a leading zero", 0),
        ("[-00]", "a number with a leading zero", 1),
        ("1.", "expected a digit", 2), ("1.e3", "expected a digit", 2), ("1e", "expected a digit", 2),
        ("1e+]", "expected a digit", 3),
        ("0x10", "unexpected text after the document", 1), ("1e400", "a number out of range", 0),
        ("[0,-1e400]", "a number out of range", 3),
        ("{", "expected a key", 1), ("{a:1}", "expected a key", 1), (#"{"a":1,}"#, "expected a key", 7),
        ("{1:1}", "expected a key", 1),
        (#"{"a" 1}"#, "expected ':'", 5), (#"{"a":1 "b"}"#, "expected ',' or '}'", 7),
        ("[1 2]", "expected ',' or ']'", 3),
        ("[1}", "expected ',' or ']'", 2), (#"{"a":1]"#, "expected ',' or '}'", 6),
        (#""abc"#, "a string without end", 0), (#"["a\"]"#, "a string without end", 1),
        (#""\"#, "a string without end", 1),
        (#""\u00"#, "a string without end", 3), (#""\x""#, "an unknown escape", 1),
        (#""\u00g0""#, "expected four hexadecimal digits", 3),
        ("\"a\nb\"", "a control character in a string", 2), ("\"\\n\u{0}\"", "a control character in a string", 3),
        (#""\ud800""#, "a lone surrogate", 1), (#""x\udc00""#, "a lone surrogate", 2),
        (#""\ud800\ud800""#, "a lone surrogate", 1),
        (#""\ud800\n""#, "a lone surrogate", 1), (#""\ud800A""#, "a lone surrogate", 1),
        (#""\ud83d\u0041""#, "a lone surrogate", 1),
    ]

    @Test(arguments: faults)
    func faultsHaveTheirPlace(text: String, message: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
        #expect(error?.message == message && error?.offset == offset)
    }

    @Test(arguments: [
        [0xFF, 0xFE, 0x31, 0x00], [0xFE, 0xFF, 0x00, 0x31], [0x31, 0x00], [0x00, 0x31],
        [0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0],
        [0, 0, 0, 0x31],
    ])
    func otherEncodingsAreNamed(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.message == "expected UTF-8, not UTF-16 or UTF-32" && error?.offset == 0)
    }

    @Test func errorsReadAsOneLine() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\"a\" 1}".utf8) }
        #expect(error?.description == "expected ':' at byte 5")
    }

    static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xFF], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xF0, 0x9F, 0x99],
    ]

    @Test(arguments: invalidUTF8)
    func stringsOfInvalidUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let escape = Array(#"\n"#.utf8)
        for text in [[quote] + bytes + [quote], [quote] + escape + bytes + [quote], [quote] + bytes + escape + [quote]]
        {
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            #expect(error?.message == "invalid UTF-8 in a string")
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("1 ".utf8) + bytes) }
    }

    private static let document = Array(
        #"{"version":"1.0","list":[1,-2.5e-3,true,false,null,[],{}],"text":"é\u00e9\ud83d\ude42\n中","deep":{"a":[{"b":[[0]]}]},"big":12345678901234567890}"#
            .utf8)

    @Test func truncationsAreRefused() {
        for count in 0..<Self.document.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Self.document[..<count]) }
        }
    }

    /// A damaged document is refused with a place inside it, or it is another document, which is written and read alike.
    @Test func damagedDocuments() throws {
        var random = SeededGenerator(seed: 1)
        let plausible = Array(#"{}[]",:\u0123456789dDeE+-. tfn"#.utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = Self.document
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                let byte =
                    Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : plausible.randomElement(using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = try #require(byte)
                case 1: bytes.insert(try #require(byte), at: index)
                default: bytes.remove(at: index)
                }
            }
            do throws(JSONError) {
                let value = try JSONValue(parsing: bytes)
                accepted += 1
                var writer = JSONWriter()
                writer.value(value)
                let again = try JSONValue(parsing: writer.finish())
                #expect(again == value)
            } catch {
                #expect(error.offset >= 0 && error.offset <= bytes.count)
            }
        }
        #expect(accepted > 1000 && accepted < 19_000)
    }

    @Test func anyBytes() {
        var random = SeededGenerator(seed: 2)
        var refused = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if (try? JSONValue(parsing: bytes)) == nil { refused += 1 }
        }
        #expect(refused > 19_000)
    }
}
