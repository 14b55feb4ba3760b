/// A set of bytes.
struct ByteSet: Hashable, Sendable {
    private var words = SIMD4<UInt64>.zero

    /// No byte.
    init() {}

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { insert(byte) }
    }

    init(_ bytes: StaticString) {
        for index in 0..<bytes.utf8CodeUnitCount { insert(bytes.utf8Start[index]) }
    }

    var isEmpty: Bool { words == .zero }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 != 0 }

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    func union(_ other: ByteSet) -> ByteSet {
        var result = self
        result.words |= other.words
        return result
    }
}

extension ByteSet {
    /// `0` to `9`
    static let digits = ByteSet("0123456789")
    /// `1` to `9`
    static let digitsButZero = ByteSet("123456789")
    /// The digits of hexadecimal numbers
    static let hexadecimal = ByteSet("0123456789abcdefABCDEF")
}
