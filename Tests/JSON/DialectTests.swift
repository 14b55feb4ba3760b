import PenstockJSON
import Testing

@Suite struct DialectTests {
    @Test func byteOrderMarks() throws {
        for dialect in [JSONDialect.standard, .python, .serde] {
            #expect(try JSONValue(parsing: "\u{FEFF} [1]".utf8, dialect: dialect) == .array([.integer(1)]))
        }
    }

    @Test func numbersOfPython() throws {
        let text = #"{"a": [Infinity, -Infinity, NaN, 1e400, -1e400, -1, 0.1]}"#
        let numbers = try #require(try JSONValue(parsing: text.utf8, dialect: .python)["a"]?.array).compactMap(\.double)
        #expect(numbers.count == 7 && numbers[2].isNaN)
        #expect(numbers[..<2] == [.infinity, -.infinity] && numbers[3...] == [.infinity, -.infinity, -1, 0.1])
        for text in ["Inf", "nan", "-NaN", "+Infinity", "-I", "-", "Infinityx", "N"] {
            #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8, dialect: .python) }
        }
    }

    /// As a port of serde_json's `de.rs` reads them; the first ones are an ulp from the exact numbers.
    @Test(arguments: [
        ("-10.378453254699707", -0x1.4c1c4a0000001p+3), ("12345678901234567890123e-5", 0x1.b69b4ba630f34p+56),
        ("9007199254740993.0", 0x1.0000000000001p+53), ("-13.5298", -0x1.b0f41f212d773p+3), ("0.1", 0.1),
        ("123456789012345678901234567890", 0x1.8ee90ff6c373ep+96), ("18446744073709551615.5", 0x1p+64),
        ("1844674407370955161.6999", 0x1.999999999999ap+60), ("1e-400", 0), ("123e-330", 0), ("-0.0", -0.0),
        ("4.9e-324", 0x0.0000000000001p-1022), ("1.7976931348623157E+308", 0x1.fffffffffffffp+1023),
        ("0.00000000000000000000000000012345678901234567", 0x1.39000987328e8p-93), ("0e999", 0), ("1e23", 1e23),
    ])
    func numbersOfSerde(text: String, number: Double) throws {
        #expect(try JSONValue(parsing: text.utf8, dialect: .serde).double?.bitPattern == number.bitPattern)
    }

    @Test(arguments: ["1e309", "-1e99999999999999999999", "18e307", "NaN"])
    func numbersThatSerdeHasNot(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8, dialect: .serde) }
    }
}
