/// Extended grapheme clusters (UAX 29).
enum GraphemeClusters {
    /// Calls `body` with each cluster of `bytes`, which is valid UTF-8.
    static func forEach(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = 0
        while start < bytes.count {
            var (end, isPlain) = (start, true)
            // Between two plain scalars there always is a boundary; what lies between such boundaries, Swift cuts.
            repeat {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: end)
                let wasPlain = isPlain
                isPlain = Self.isPlain(scalar)
                if end > start, wasPlain, isPlain { break }
                end += length
            } while end < bytes.count
            forEachCut(in: bytes, start..<end, body)
            start = end
        }
    }

    /// Cuts a stretch that begins and ends at boundaries.
    private static func forEachCut(
        in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
    ) {
        guard UTF8Reading.scalar(in: bytes, at: range.lowerBound).length < range.count else { return body(range) }
        var start = range.lowerBound
        for character in String(decoding: bytes[range], as: UTF8.self) {
            let end = start + character.utf8.count
            body(start..<end)
            start = end
        }
    }

    /// Tells whether a scalar certainly neither extends a cluster nor is extended by another of this kind: letters and
    /// signs of the alphabets, ideographs, and Hangul syllables.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0D, 0xAD: false
        case 0..<0x300, 0x370..<0x483, 0x48A..<0x591, 0x5D0..<0x5EB, 0x620..<0x64B, 0x2010..<0x2028, 0x3001..<0x302A,
            0x3041..<0x3097, 0x30A0..<0x3100, 0x3400..<0x4DC0, 0x4E00..<0xA000, 0xAC00..<0xD7A4, 0xFF01..<0xFF9E:
            true
        default: false
        }
    }
}
