/// The split pattern of BLOOM: words that punctuation and white space end, with the space before them.
struct BloomScanner: TextPattern {
    static let pattern = #" ?[^(\s|[.,!?…。，、।۔،])]+"#

    /// Bytes of ASCII that are not in a word.
    private static let excluded: [Bool] = (UInt8(0)..<128).map { byte in
        ScalarClasses.table[Int(byte)].contains(.space) || "(|).,!?".utf8.contains(byte)
    }

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        ClassifiedText.with(text) { text in
            var start = 0
            while start < text.count {
                let first = text.has(UInt8(ascii: " "), at: start) ? start + 1 : start
                let end = Self.endOfWord(in: text, from: first)
                if end > first {
                    body(start..<end)
                    start = end
                } else {
                    start += text.classes(at: start).length
                }
            }
        }
    }

    @inline(__always)
    private static func endOfWord(in text: ClassifiedText, from start: Int) -> Int {
        var index = start
        while index < text.count {
            let byte = text.bytes[index]
            if byte < 0x80 {
                if excluded[Int(byte)] { break }
                index += 1
                continue
            }
            let (scalar, length) = UTF8Reading.scalar(in: text.bytes, at: index)
            switch scalar {
            case "…", "。", "，", "、", "।", "۔", "،": return index
            default: if text.classes(at: index).classes.contains(.space) { return index }
            }
            index += length
        }
        return index
    }
}
