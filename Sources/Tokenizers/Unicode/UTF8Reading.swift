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

    /// Returns the number of bytes at the end of `bytes` that may be the beginning of a scalar whose other bytes are
    /// missing: 0 to 3. (The Unicode Standard, table 3-7.)
    static func lengthOfBegunScalar(atEndOf bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let first = bytes[bytes.count - length]
            if first & 0xC0 == 0x80 { continue }
            let needed = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1
            guard length < needed else { return 0 }
            return length == 1 || canFollow(first, bytes[bytes.count - length + 1]) ? length : 0
        }
        return 0
    }

    /// Tells whether a continuation byte may stand behind the first byte of three or four: neither overlong forms nor
    /// surrogates nor scalars beyond U+10FFFF are allowed.
    private static func canFollow(_ first: UInt8, _ second: UInt8) -> Bool {
        switch first {
        case 0xE0: second >= 0xA0
        case 0xED: second < 0xA0
        case 0xF0: second >= 0x90
        case 0xF4: second < 0x90
        default: true
        }
    }
}
