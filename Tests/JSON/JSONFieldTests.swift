import PenstockJSON
import Testing

@Suite struct JSONFieldTests {
    /// Which field was wrong, and what it should have been.
    private struct Fault: JSONFieldError {
        let place: String
        let expected: String

        init(_ field: JSONField<Fault>, expected: JSONExpectation) {
            (place, self.expected) = (field.place, "\(expected)")
        }
    }

    private static func field(_ text: String) throws -> JSONField<Fault> {
        JSONField(file: "a.json", document: try JSONValue(parsing: text.utf8, dialect: .python))
    }

    @Test func fieldsKnowTheirPlace() throws {
        let field = try Self.field(#"{"a": {"b": [7, {"c": null}]}, "d": null}"#)
        #expect(field.place.isEmpty && field.file == "a.json")
        let list = field["a"]["b"]
        #expect(list.place == "a.b" && list.element(1)["c"].place == "a.b[1].c" && list.element(9).place == "a.b[9]")
        #expect(try list.elements().map(\.place) == ["a.b[0]", "a.b[1]"])
        #expect(try field.fields().map { $0.field.place } == ["a", "d"])
        #expect(try field["a"].fields().map { $0.field.place } == ["a.b"])
        #expect(field["a"].place(of: "x") == "a.x" && field.place(of: "x") == "x")
    }

    @Test func nullIsNoValue() throws {
        let field = try Self.field(#"{"no": null, "yes": 1}"#)
        #expect(field.has("no") && !field["no"].exists && !field.has("none") && !field["none"].exists)
        #expect(field["yes"].exists && !field["yes"]["deeper"].exists)
        let read = { (field: JSONField<Fault>) throws(Fault) in try field.integer(in: 0...9) }
        #expect(try field["no"].optional(read) == nil && field["yes"].optional(read) == 1)
        #expect(try read(field["no"].or(.integer(5))) == 5 && read(field["yes"].or(.integer(5))) == 1)
        #expect(try field["no"].bool(default: true))
    }

    @Test func values() throws {
        let field = try Self.field(#"{"s": "é", "t": true, "n": 12.0, "x": 1.5, "list": ["a", "b"], "of": {"k": 1}}"#)
        #expect(try field["s"].string() == "é" && field["t"].bool() && field["n"].integer(in: 12...12) == 12)
        #expect(try field["x"].number(atLeast: 1) == 1.5 && field["n"].number(atLeast: 12) == 12)
        #expect(try field["list"].map { (element) throws(Fault) in try element.string() } == ["a", "b"])
        #expect(try field["of"].entries().map(\.key) == ["k"])
    }

    /// How a value is read.
    enum Reader: Sendable {
        case string, bool, integer, integerAsWritten, number, elements, entries
    }

    @Test(arguments: [
        (Reader.string, "7"), (.string, "null"), (.bool, "1"), (.bool, "null"), (.integer, "10"), (.integer, "-1"),
        (.integer, "1.5"), (.integer, "1e300"), (.integer, "\"1\""), (.integerAsWritten, "1.0"),
        (.integerAsWritten, "10"), (.integerAsWritten, "null"), (.number, "-1"), (.number, "NaN"),
        (.number, "Infinity"), (.number, "true"), (.elements, "{}"), (.entries, "[]"),
    ])
    func faultsNameTheirPlace(reader: Reader, value: String) throws {
        let field = try Self.field(#"{"a": [\#(value)]}"#)["a"].element(0)
        let fault = #expect(throws: Fault.self) {
            switch reader {
            case .string: _ = try field.string()
            case .bool: _ = try field.bool()
            case .integer: _ = try field.integer(in: 0...9)
            case .integerAsWritten: _ = try field.integer(in: 0...9, asWritten: true)
            case .number: _ = try field.number(atLeast: 0)
            case .elements: _ = try field.elements()
            case .entries: _ = try field.entries()
            }
        }
        #expect(fault?.place == "a[0]")
        switch reader {
        case .integer, .integerAsWritten: #expect(fault?.expected.contains("integer") == true)
        case .string, .bool, .number, .elements, .entries: break
        }
    }
}
