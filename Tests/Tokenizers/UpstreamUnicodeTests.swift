import PenstockJSON
import PenstockTokenizers
import Testing

/// Every scalar there is goes through normalizer and pre-tokenizer as it does upstream.
@Suite struct UpstreamUnicodeTests {
    /// All scalars between letters, 4,096 of them in a text.
    private static let texts: [String] = (0..<0x110).map { block in
        var text = String.UnicodeScalarView()
        for scalar in (block << 12..<(block + 1) << 12).compactMap({ Unicode.Scalar(UInt32($0)) }) {
            if !text.isEmpty { text.append(" ") }
            text.append("a")
            text.append(scalar)
            text.append("b")
        }
        return String(text)
    }

    @Test(arguments: ["bert-uncased", "bert-cased", "components"]) func everyScalar(_ name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        let document = try JSONValue(parsing: Fixtures.bytes("unicode.json"))
        let digests = try #require(document[name]?.array)
        #expect(digests.count == 0x110)
        for (block, digest) in digests.enumerated() {
            let encoding = try tokenizer.encode(Self.texts[block], addSpecialTokens: false)
            var checksum = CRC32()
            for (id, range) in zip(encoding.ids, encoding.offsets) {
                for number in [id, Int32(range.lowerBound), Int32(range.upperBound)] { checksum.append(number) }
            }
            #expect(checksum.value == digest.integer.map { UInt32($0) }, "U+\(String(block << 12, radix: 16))…")
        }
    }
}
