import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct Base64Tests {
    private static func written(_ bytes: [UInt8]) -> String {
        var writer = JSONWriter()
        bytes.withUnsafeBytes { writer.base64($0) }
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func vectorsOfTheStandard(text: String, base64: String) {
        #expect(Self.written(Array(text.utf8)) == "\"\(base64)\"")
        #expect(JSONWriter.base64Bytes(text.utf8.count) == base64.utf8.count)
    }

    @Test func bytesComeBack() throws {
        var random = SeededGenerator(seed: 5)
        for count in 0..<200 {
            let data = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(bytes(ofBase64: String(Self.written(data).dropFirst().dropLast())) == data)
        }
    }

    @Test func commas() {
        var writer = JSONWriter()
        writer.array { writer in
            for data in [[UInt8]](repeating: [0xFB, 0xFF], count: 2) { data.withUnsafeBytes { writer.base64($0) } }
        }
        #expect(String(decoding: writer.finish(), as: UTF8.self) == #"["+/8=","+/8="]"#)
    }
}
