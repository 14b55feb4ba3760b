import PenstockGrammars
import PenstockJSON
import Testing

@Suite struct JSONGrammarTests {
    private static let values = GrammarCase(
        "{}",
        [
            "null", "true", "false", "0", "-0", "12", "-7.25", "1e5", "1.5E-10", #""""#, #""a b""#, #""é€😀""#,
            #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\uFFFF""#, #""\ud83d\ude00""#, #""\uD7ff\ue000""#, "[]", "[1]",
            "[1,2]", "[1, 2]", "[[], {}]", "{}", #"{"a":1}"#, #"{"a": 1, "b": [true]}"#, #"{"":""}"#, "\"\u{7F}\"",
        ],
        not: [
            "", " 1", "1 ", "01", "1.", ".5", "+1", "1e", "-", "tru", "nul", #"""#, #""a"#, "\"\n\"", "\"\u{1}\"",
            #""\x""#, #""\u12""#, #""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#, #""\ud83dx""#, "[", "[1,]", "[,1]",
            "[1 ,2]", "[1,  2]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a" :1}"#, #"{"a":  1}"#,
            "{ }", "[ ]", "1234567890123456789", "1e100", "1.12345678901234567",
        ])

    @Test func anyValueIsOneOfJSON() throws {
        try Self.values.check(FormTexts(schema: "{}"))
        try Self.values.check(FormTexts(schema: "true"))
        for text in Self.values.accepted { _ = try JSONValue(parsing: text.utf8) }
    }

    @Test func anObjectIsNothingElse() throws {
        let texts = FormTexts(try .jsonObject())
        for text in Self.values.accepted {
            let isObject = text.hasPrefix("{")
            #expect(try texts.accept(text.utf8) == isObject, "\(text)")
        }
    }

    /// A byte that is no UTF-8 at its place is refused there.
    @Test func stringsAreUTF8() throws {
        let texts = try FormTexts(schema: #"{"type": "string"}"#)
        let quote: [UInt8] = [0x22]
        for bad in [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F], [0xED, 0xA0], [0xF0, 0x8F], [0xF4, 0x90], [0xF5],
        ]
            as [[UInt8]]
        {
            #expect(try !texts.begin(with: quote + bad), "\(bad)")
        }
        for good in [[0xC2, 0x80], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xF4, 0x8F, 0xBF, 0xBF]] as [[UInt8]] {
            #expect(try texts.accept(quote + good + quote), "\(good)")
            #expect(try !texts.accept(quote + good.dropLast() + quote), "\(good)")
        }
    }

    /// However deep a text is, it can come to an end.
    @Test func nestingIsBoundedAndNoTrap() throws {
        let texts = try FormTexts(schema: "{}")
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try texts.accept(nested(100).utf8))
        #expect(try !texts.accept(nested(1000).utf8))
        var text = ""
        while try texts.begin(with: (text + "[").utf8), text.utf8.count < 1000 { text += "[" }
        #expect((100..<200).contains(text.utf8.count))
        #expect(try texts.accept((text + String(repeating: "]", count: text.utf8.count)).utf8))
    }

    @Test func aChoiceIsOneOfItsTexts() throws {
        let choices = ["yes", "yesterday", "no", "né", "non", "yes"]
        let texts = FormTexts(try .choice(of: choices))
        for text in choices { #expect(try texts.accept(text.utf8)) }
        for text in ["", "y", "yest", "n", "yesno", "nén"] { #expect(try !texts.accept(text.utf8)) }
        #expect(throws: GrammarError.self) { try Grammar.choice(of: []) }
        #expect(throws: GrammarError.self) { try Grammar.choice(of: ["a", ""]) }
    }
}
