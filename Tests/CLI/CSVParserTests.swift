import PenstockTestSupport
import Testing
import penstock

/// The rules of Python's `csv` for what RFC 4180 leaves open.
@Suite struct CSVParserTests {
    private static func records(_ text: String, pieces: Int = .max, delimiter: Character = ",") throws -> [[String]] {
        var parser = CSVParser(delimiter: delimiter.asciiValue ?? 0)
        var rest = Array(text.utf8)[...]
        var records: [CSVParser.Record] = []
        while !rest.isEmpty {
            records += try parser.take(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        records += try parser.finish()
        return records.map { $0.fields.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(
        arguments: [
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a\rb\r\rc", [["a"], ["b"], ["c"]]), ("\n\n a ,\n", [[" a ", ""]]),
            ("\"a,\"\"b\"\"\",\"c\r\nd\"\n", [["a,\"b\"", "c\r\nd"]]), ("\"\"\n", [[""]]), ("", []),
            ("\"a\"b\"c,d\n", [["ab\"c", "d"]]), ("a\"b,c\n", [["a\"b", "c"]]),
            ("\u{FEFF}\"a\",b\n", [["a", "b"]]), ("\u{FEFF}\"a,b\",c\n", [["a,b", "c"]]), ("\u{FEFF}", []),
            ("é,\u{1F600}\n", [["é", "\u{1F600}"]]),
        ] as [(String, [[String]])])
    func recordsHoweverTheirBytesCome(text: String, records: [[String]]) throws {
        for pieces in [1, 2, 3, 5, .max] { #expect(try Self.records(text, pieces: pieces) == records) }
    }

    @Test func otherDelimiters() throws {
        #expect(try Self.records("a;\"b;c\";d,e\n", delimiter: ";") == [["a", "b;c", "d,e"]])
        #expect(try Self.records("a\t\"b\tc\"\n", delimiter: "\t") == [["a", "b\tc"]])
    }

    @Test func quotesWithoutAnEndAreToldWithTheirLine() throws {
        let error = #expect(throws: DataError.self) { try Self.records("a,b\n\"c\nd,e\n") }
        #expect(error?.description.contains("line 2") == true)
        var parser = CSVParser()
        _ = try parser.take(Array("a\n\"".utf8), longestRecord: 100)
        #expect(throws: DataError.self) { try parser.take(Array(repeating: 0x61, count: 101), longestRecord: 100) }
    }

    /// Each byte belongs to one record, so that progress ends at the size of the file.
    @Test func bytesOfRecords() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let text = (0..<40).map { _ in ["a", ",", "\n", "\r\n", "\"\""].randomElement(using: &generator) ?? "" }
                .joined()
            var parser = CSVParser()
            let records = try parser.take(Array(text.utf8)) + (try parser.finish())
            #expect(records.allSatisfy { $0.bytes > 0 })
            #expect(records.reduce(0) { $0 + $1.bytes } <= text.utf8.count)
        }
    }
}
