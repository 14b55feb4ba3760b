extension TracedText {
    /// The first place of a text within a range of this one. Takes time linear in both.
    func firstRange(of part: TracedText, in range: Range<Int>? = nil) -> Range<Int>? {
        let range = range ?? 0..<count
        var search = TextSearch(part.scalars)
        return search.next(in: scalars, range)
    }

    /// The last place of a text within a range of this one. Takes time linear in both.
    func lastRange(of part: TracedText, in range: Range<Int>) -> Range<Int>? {
        if part.isEmpty { return range.upperBound..<range.upperBound }
        let reversed = Array(scalars[range].reversed())
        var search = TextSearch(part.scalars.reversed())
        return search.next(in: reversed, 0..<reversed.count).map {
            range.upperBound - $0.upperBound..<range.upperBound - $0.lowerBound
        }
    }

    /// The places of a text, none of which overlaps the one before; an empty text has one before each scalar and at the
    /// end.
    func ranges(of part: TracedText, limit: Int = .max) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        if part.isEmpty {
            for offset in 0...count where ranges.count < limit { ranges.append(offset..<offset) }
            return ranges
        }
        var search = TextSearch(part.scalars)
        var start = 0
        while ranges.count < limit, let range = search.next(in: scalars, start..<count) {
            ranges.append(range)
            start = range.upperBound
        }
        return ranges
    }

    func hasPrefix(_ prefix: TracedText, in range: Range<Int>) -> Bool { scalars[range].starts(with: prefix.scalars) }
    func hasSuffix(_ suffix: TracedText, in range: Range<Int>) -> Bool {
        range.count >= suffix.count && scalars[range].suffix(suffix.count).elementsEqual(suffix.scalars)
    }

    /// The text with other texts at places, which are in order.
    func replacing(_ ranges: [Range<Int>], with replacement: TracedText) -> TracedText {
        guard !ranges.isEmpty else { return self }
        var result = TracedText()
        result.isMarkup = isMarkup
        var end = 0
        for range in ranges {
            result.append(self, end..<range.lowerBound)
            result.append(replacement)
            end = range.upperBound
        }
        result.append(self, end..<count)
        return result
    }

    /// The parts between places, which are in order.
    func split(at ranges: [Range<Int>]) -> [TracedText] {
        var parts: [TracedText] = []
        var end = 0
        for range in ranges {
            parts.append(self[end..<range.lowerBound])
            end = range.upperBound
        }
        parts.append(self[end..<count])
        return parts
    }

    func split(separator: TracedText) -> [TracedText] { split(at: ranges(of: separator)) }

    /// The parts of the text between blank space, without empty ones; what is left behind `limit` cuts is one part.
    func words(limit: Int = .max) -> [TracedText] {
        var words: [TracedText] = []
        var offset = 0
        while true {
            while offset < count, scalars[offset].isPythonSpace { offset += 1 }
            guard offset < count else { return words }
            if words.count == limit {
                words.append(self[offset..<count])
                return words
            }
            let start = offset
            while offset < count, !scalars[offset].isPythonSpace { offset += 1 }
            words.append(self[start..<offset])
        }
    }

    /// As ``words(limit:)``, but cut from the end.
    func lastWords(limit: Int) -> [TracedText] {
        var words: [TracedText] = []
        var end = count
        while true {
            while end > 0, scalars[end - 1].isPythonSpace { end -= 1 }
            guard end > 0 else { break }
            if words.count == limit {
                words.append(self[0..<end])
                break
            }
            let last = end
            while end > 0, !scalars[end - 1].isPythonSpace { end -= 1 }
            words.append(self[end..<last])
        }
        return words.reversed()
    }

    /// The lines of the text, each with its end if `keepsEnds`.
    func lines(keepsEnds: Bool = false) -> [TracedText] {
        var lines: [TracedText] = []
        var (start, offset) = (0, 0)
        while offset < count {
            guard scalars[offset].isLineBreak else {
                offset += 1
                continue
            }
            let end = offset
            offset += scalars[offset] == "\r" && offset + 1 < count && scalars[offset + 1] == "\n" ? 2 : 1
            lines.append(self[start..<(keepsEnds ? offset : end)])
            start = offset
        }
        if start < count { lines.append(self[start..<count]) }
        return lines
    }

    /// The range of the text without scalars of a kind at its ends.
    func trimmedRange(
        _ isDropped: (Unicode.Scalar) -> Bool, atStart: Bool = true, atEnd: Bool = true
    ) -> Range<Int> {
        var (start, end) = (0, count)
        while atStart, start < end, isDropped(scalars[start]) { start += 1 }
        while atEnd, end > start, isDropped(scalars[end - 1]) { end -= 1 }
        return start..<end
    }

    func trimmed() -> TracedText { self[trimmedRange(\.isPythonSpace)] }
}

/// Finds a text in others in linear time, by the lengths of its borders (Knuth, Morris and Pratt 1977).
struct TextSearch {
    private let pattern: [Unicode.Scalar]
    /// For each prefix that is not empty, the length of its longest proper prefix that is also its suffix.
    private var borders: [Int] = []

    init(_ pattern: [Unicode.Scalar]) { self.pattern = pattern }

    /// The first place within a range.
    mutating func next(in text: [Unicode.Scalar], _ range: Range<Int>) -> Range<Int>? {
        guard let first = pattern.first else { return range.lowerBound..<range.lowerBound }
        var offset = range.lowerBound
        var matched = 0
        while offset < range.upperBound {
            if matched == 0 {
                while offset < range.upperBound, text[offset] != first { offset += 1 }
                guard offset < range.upperBound else { return nil }
            }
            if text[offset] == pattern[matched] {
                matched += 1
                offset += 1
                if matched == pattern.count { return offset - matched..<offset }
            } else {
                // Here something matched, since the first scalar was looked for otherwise.
                if borders.isEmpty { findBorders() }
                matched = borders[matched - 1]
            }
        }
        return nil
    }

    private mutating func findBorders() {
        borders = Array(repeating: 0, count: pattern.count)
        var length = 0
        for index in 1..<max(1, pattern.count) {
            while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            borders[index] = length
        }
    }
}
