/// A fast hash of byte strings with a seed that nobody outside knows, so that no input can be built to collide.
///
/// Eight bytes at a time are mixed by a full-width multiplication, as wyhash does (Wang Yi 2019).
struct ByteHash: Sendable {
    private let seed = UInt64.random(in: .min ... .max)

    /// The hash of `bytes`.
    @inline(__always)
    func callAsFunction(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(bytes)
        let count = raw.count
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        var index = 0
        while index + 8 <= count {
            hash = Self.mix(hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        return Self.mix(hash ^ Self.tail(of: raw, from: index))
    }

    /// The hash of a number.
    @inline(__always)
    func callAsFunction(_ number: UInt64) -> UInt64 { Self.mix(seed ^ number) }

    /// The last 0 to 7 bytes as one number.
    @inline(__always)
    private static func tail(of raw: UnsafeRawBufferPointer, from index: Int) -> UInt64 {
        let (count, rest) = (raw.count, raw.count - index)
        if rest >= 4 {
            let low = raw.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            let high = raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return UInt64(high) << 32 | UInt64(low)
        }
        guard rest > 0 else { return 0 }
        return UInt64(raw[index]) | UInt64(raw[index + rest / 2]) << 8 | UInt64(raw[count - 1]) << 16
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
