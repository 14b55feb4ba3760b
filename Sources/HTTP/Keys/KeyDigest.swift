import Crypto

/// The SHA-256 of a key, which is all that the server keeps of it.
struct KeyDigest: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// The digest of a key's bytes.
    init(of key: String) {
        var hash = SHA256()
        var key = key
        key.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        words = hash.finalize().withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// A digest as 64 hexadecimal digits; nil for anything else.
    init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        let bytes = (0..<32).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
        words = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// All bits set if the digests are equal, else none. Takes the same time for any two.
    func mask(ifEqualTo other: KeyDigest) -> Int {
        let difference = words ^ other.words
        let all = difference[0] | difference[1] | difference[2] | difference[3]
        let isDifferent = (all | (0 &- all)) >> 63
        return Int(bitPattern: UInt(isDifferent &- 1))
    }
}
