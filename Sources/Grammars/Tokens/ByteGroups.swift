/// Groups of bytes, of which a set fits a word: each lower-case letter and each mark of ASCII is a group of its own, and
/// capital letters, digits, the space, control characters and what is beyond ASCII are one each.
enum ByteGroups {
    /// The group of each byte, from 0 to 62.
    private static let numbers: [UInt8] = (0...255).map { (byte: UInt8) in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return byte - UInt8(ascii: "a")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return 27
        case 0x20: return 28
        case 0...0x1F, 0x7F: return 29
        case 0x80...: return 30
        // The marks: 15, 7, 6 and 4 of them.
        case 0x21...0x2F: return 31 + byte - 0x21
        case 0x3A...0x40: return 46 + byte - 0x3A
        case 0x5B...0x60: return 53 + byte - 0x5B
        default: return 59 + byte - 0x7B
        }
    }

    /// The set of the group of a byte alone.
    static func set(of byte: UInt8) -> UInt64 { 1 << UInt64(numbers[Int(byte)]) }
}
