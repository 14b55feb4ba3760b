import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct WriterTests {
    @Test func commasAndOrder() {
        var writer = JSONWriter()
        writer.object {
            $0.key("z")
            $0.value(1)
            $0.key("a")
            $0.array {
                $0.null()
                $0.value(true)
                $0.value("x")
                $0.array { _ in }
                $0.object { _ in }
                $0.value([Float(0.5), 1])
                $0.value([Float]())
                $0.value(Float(0.1))
            }
            $0.key("m")
            $0.object {
                $0.key("")
                $0.value(false)
            }
        }
        let text = String(decoding: writer.finish(), as: UTF8.self)
        #expect(text == #"{"z":1,"a":[null,true,"x",[],{},[0.5,1.0],[],0.10000000149011612],"m":{"":false}}"#)
    }

    static let strings: [(value: String, text: String)] = [
        ("", #""""#), ("a/b", #""a/b""#), ("\"\\", #""\"\\""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{C}\u{1F}\u{7F}", #""\u0000\u0008\u000c\u001f\u007f""#),
        ("é中🙂", #""é中🙂""#), ("\r\n", #""\r\n""#), ("\u{2028}", "\"\u{2028}\""),
    ]

    @Test(arguments: strings)
    func escapes(value: String, text: String) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(decoding: writer.finish(), as: UTF8.self) == text)
    }

    @Test(arguments: [0, 7, 10, -1, -10, 1_000_000_007, Int.max, Int.min])
    func integersAreThoseOfSwift(value: Int) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(decoding: writer.finish(), as: UTF8.self) == "\(value)")
    }

    /// Memory grows by factors: a writer that asks for each row's own copies a long list again and again.
    @Test func rowsOfFloatsDoNotGrowTheMemoryOneByOne() {
        let row = [Float](repeating: 0.25, count: 100)
        let capacities = (1...300).map { rows in
            var writer = JSONWriter()
            writer.array { for _ in 0..<rows { $0.value(row) } }
            return writer.finish().capacity
        }
        #expect(Set(capacities).count < 30)
    }

    @Test func errorsPassThrough() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.array { _ in throw Stop() } }
    }

    @Test func randomDocumentsRoundTrip() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let value = Self.document(depth: 0, &random)
            var writer = JSONWriter()
            writer.value(value)
            #expect(try JSONValue(parsing: writer.finish()) == value)
        }
    }

    private static func document(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        func string() -> String {
            let scalars = (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x10FFFF), using: &random))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        let count = Int.random(in: 0...4, using: &random)
        switch Int.random(in: 0..<(depth < 5 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int(truncatingIfNeeded: random.next()))
        case 3:
            let double = Double(bitPattern: random.next())
            return .double(double.isFinite ? double : 0.5)
        case 4: return .string(string())
        case 5: return .array((0..<count).map { _ in document(depth: depth + 1, &random) })
        default: return .object(JSONObject((0..<count).map { _ in (string(), document(depth: depth + 1, &random)) }))
        }
    }
}
