/// Reads scalars out of bytes that are known to be valid UTF-8, as those of a Swift `String` are.
enum UTF8Reading {
    /// The scalar that begins at `index`, and its length in bytes.
    ///
    /// A sequence that is not whole reads as U+FFFD of one byte, so that a mistake in an index cannot read outside.
    @inline(__always)
    static func scalar(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: Unicode.Scalar, length: Int) {
        let first = UInt32(bytes[index])
        if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard index + length <= bytes.count else { return ("\u{FFFD}", 1) }
        var value = first & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset]) & 0x3F }
        guard let scalar = Unicode.Scalar(value) else { return ("\u{FFFD}", 1) }
        return (scalar, length)
    }

    /// The scalar that ends before `index`, which is not 0, and its length in bytes.
    static func scalar(
        in bytes: UnsafeBufferPointer<UInt8>, before index: Int
    ) -> (scalar: Unicode.Scalar, length: Int) {
        var start = index - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return (scalar(in: bytes, at: start).scalar, index - start)
    }
}
