/// The split pattern of DeepSeek-V3 for what is neither digits nor East Asian.
struct DeepSeekScanner: TextPattern {
    // The line breaks stand in it as they are.
    static let pattern =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
        + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        ClassifiedText.with(text) { text in
            var start = 0
            while start < text.count {
                if let end = endOfMatch(in: text, at: start) {
                    body(start..<end)
                    start = end
                } else {
                    start += text.classes(at: start).length
                }
            }
        }
    }

    @inline(__always)
    private func endOfMatch(in text: ClassifiedText, at start: Int) -> Int? {
        let (classes, length) = text.classes(at: start)
        let next = start + length
        if text.bytes[start] < 0x80, classes.contains(.punctuationOrSymbol) {
            let end = Self.endOfLatin(in: text.bytes, from: next)
            if end > next { return end }
        }
        if classes.isDisjoint(with: [.letter, .punctuationOrSymbol, .newline]) {
            let end = text.end(of: [.letter, .mark], from: next)
            if end > next { return end }
        }
        if !classes.isDisjoint(with: [.letter, .mark]) { return text.end(of: [.letter, .mark], from: next) }
        let first = text.has(UInt8(ascii: " "), at: start) ? next : start
        let end = text.end(of: .punctuationOrSymbol, from: first)
        if end > first { return text.endOfNewlines(from: end) }
        return classes.contains(.space) ? text.endOfBlanks(from: start) : nil
    }

    /// The end of the letters of ASCII from `start` on.
    @inline(__always)
    private static func endOfLatin(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, case UInt8(ascii: "a")...UInt8(ascii: "z") = bytes[index] | 0x20 { index += 1 }
        return index
    }
}
