/// The split pattern of GPT-2, which the ByteLevel pre-tokenizer brings along.
struct GPT2Scanner: TextPattern {
    static let pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        ClassifiedText.with(text) { text in
            var start = 0
            while start < text.count {
                let end = Self.endOfMatch(in: text, at: start)
                body(start..<end)
                start = end
            }
        }
    }

    @inline(__always)
    private static func endOfMatch(in text: ClassifiedText, at start: Int) -> Int {
        if text.bytes[start] == UInt8(ascii: "'"),
            let end = Contraction.end(in: text.bytes, at: start, ignoringCase: false)
        {
            return end
        }
        let first = text.has(UInt8(ascii: " "), at: start) && start + 1 < text.count ? start + 1 : start
        let (classes, length) = text.classes(at: first)
        if classes.contains(.space) { return text.endOfSpaces(from: start) }
        let next = first + length
        if classes.contains(.letter) { return text.end(of: .letter, from: next) }
        if classes.contains(.number) { return text.end(of: .number, from: next) }
        return text.end(without: [.space, .letter, .number], from: next)
    }
}

/// `'s|'t|'re|'ve|'m|'ll|'d`
enum Contraction {
    /// The end of the contraction that begins at `start`, where an apostrophe stands; nil if there is none.
    ///
    /// - Parameter ignoringCase: whether upper case will do, and with it the long s, U+017F.
    @inline(__always)
    static func end(in bytes: UnsafeBufferPointer<UInt8>, at start: Int, ignoringCase: Bool) -> Int? {
        guard start + 1 < bytes.count else { return nil }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let first = bytes[start + 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
        default: break
        }
        guard start + 2 < bytes.count else { return nil }
        let second = bytes[start + 2] | fold
        switch (first, second) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: break
        }
        let isLongS = ignoringCase && bytes[start + 1] == 0xC5 && bytes[start + 2] == 0xBF
        return isLongS ? start + 3 : nil
    }
}
