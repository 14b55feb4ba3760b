@testable import PenstockTokenizers
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", []), ("AA==", [0]), ("AAE=", [0, 1]), ("AAEC", [0, 1, 2]), ("+/+/", [0xFB, 0xFF, 0xBF]),
        ("c2NoaWxm", Array("schilf".utf8)),
    ] as [(String, [UInt8])])
    func bytes(text: String, bytes: [UInt8]) { #expect(Base64.bytes(of: text) == bytes) }

    @Test(arguments: ["A", "AA", "AAA", "A===", "====", "=AAA", "A=AA", "AA=A", "AA-_", "AAAA\n", "AA A", "ÄÄ"])
    func malformed(text: String) { #expect(Base64.bytes(of: text) == nil) }
}
