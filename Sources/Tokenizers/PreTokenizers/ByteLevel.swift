/// Cuts as GPT-2 does, and writes each byte as a character of its own.
struct ByteLevel: PreTokenizer {
    private let addPrefixSpace: Bool
    private let useRegex: Bool

    init(_ field: Field) throws(TokenizerError) {
        addPrefixSpace = try field["add_prefix_space"].bool()
        // Only post-processing heeds it, but the format demands it here, too.
        _ = try field["trim_offsets"].bool()
        useRegex = try field["use_regex"].bool(default: true)
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        let space = UInt8(ascii: " ")
        if addPrefixSpace, text.hasWord(where: { $0 != space }) {
            text.prepend(" ") { bytes, _ in bytes.first != space }
        }
        if useRegex { text.split(at: GPT2Scanner(), .isolated) }
        text.mapBytes(ByteAlphabet.encoded)
    }
}

/// The characters that GPT-2 writes for bytes: printable ones for themselves, the others from U+0100 on.
enum ByteAlphabet {
    /// The character for each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt32(0)..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(UInt8(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    /// The character for U+0020.
    static let space = scalars[0x20]

    /// The byte that a character stands for.
    static func byte(for scalar: Unicode.Scalar) -> UInt8? {
        guard scalar.value < bytes.count else { return nil }
        return bytes[Int(scalar.value)]
    }

    private static let bytes: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: 0x180)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
        return bytes
    }()

    /// The UTF-8 of the character for each byte: one or two bytes, the first in the low half.
    static let encoded: [UInt16] = scalars.map { scalar in
        scalar.value < 0x80
            ? UInt16(scalar.value) : UInt16(0xC0 | scalar.value >> 6) | UInt16(0x80 | scalar.value & 0x3F) << 8
    }
}
