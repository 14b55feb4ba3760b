/// A text that knows which of its parts came from outside of the template.
///
/// Texts are arrays of code points, since templates count, slice and compare by those. What is made of texts keeps the
/// marks of its parts, so that the rendered prompt can tell the template's words, in which the names of special tokens
/// mean those tokens, from the words of a message, in which they are text.
struct TracedText: Sendable {
    private(set) var scalars: [Unicode.Scalar]
    /// The parts that came from outside: ascending, not empty, not touching each other.
    private(set) var untrusted: [Range<Int>]
    /// True for a result of `safe` or `escape`: what is added to it is escaped for HTML first.
    var isMarkup = false

    /// A text of the template.
    init(_ scalars: [Unicode.Scalar] = []) {
        self.scalars = scalars
        untrusted = []
    }

    init(_ text: String, isTrusted: Bool = true) {
        scalars = Array(text.unicodeScalars)
        untrusted = isTrusted || scalars.isEmpty ? [] : [0..<scalars.count]
    }

    var count: Int { scalars.count }
    var isEmpty: Bool { scalars.isEmpty }

    /// The text without its marks.
    var string: String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    func isTrusted(at offset: Int) -> Bool {
        guard !untrusted.isEmpty else { return true }
        let next = firstUntrusted(endingBehind: offset)
        return next == untrusted.count || untrusted[next].lowerBound > offset
    }

    /// The index of the first untrusted part that ends behind an offset.
    private func firstUntrusted(endingBehind offset: Int) -> Int {
        var (low, high) = (0, untrusted.count)
        while low < high {
            let middle = (low + high) / 2
            if untrusted[middle].upperBound > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The text cut where trust begins or ends, in its order.
    var parts: [(range: Range<Int>, isTrusted: Bool)] {
        var parts: [(Range<Int>, Bool)] = []
        var end = 0
        for range in untrusted {
            if range.lowerBound > end { parts.append((end..<range.lowerBound, true)) }
            parts.append((range, false))
            end = range.upperBound
        }
        if end < count { parts.append((end..<count, true)) }
        return parts
    }

    // MARK: Building

    mutating func append(_ other: TracedText) { append(other, 0..<other.count) }

    /// Appends a part of another text.
    mutating func append(_ other: TracedText, _ range: Range<Int>) {
        if !other.untrusted.isEmpty {
            let shift = count - range.lowerBound
            var index = other.firstUntrusted(endingBehind: range.lowerBound)
            while index < other.untrusted.count, other.untrusted[index].lowerBound < range.upperBound {
                let part = other.untrusted[index].clamped(to: range)
                mark(part.lowerBound + shift..<part.upperBound + shift)
                index += 1
            }
        }
        scalars.append(contentsOf: other.scalars[range])
    }

    /// Appends words of the template or of this implementation.
    mutating func append(_ text: String) { scalars.append(contentsOf: text.unicodeScalars) }

    mutating func append(_ scalar: Unicode.Scalar, isTrusted: Bool = true) {
        if !isTrusted { mark(count..<count + 1) }
        scalars.append(scalar)
    }

    mutating func append(_ text: String, isTrusted: Bool) {
        let start = count
        append(text)
        if !isTrusted, count > start { mark(start..<count) }
    }

    mutating func append(repeating scalar: Unicode.Scalar, count: Int) {
        scalars.append(contentsOf: repeatElement(scalar, count: max(0, count)))
    }

    mutating func reserve(_ count: Int) { scalars.reserveCapacity(count) }

    private mutating func mark(_ range: Range<Int>) {
        if let last = untrusted.last, last.upperBound == range.lowerBound {
            untrusted[untrusted.count - 1] = last.lowerBound..<range.upperBound
        } else {
            untrusted.append(range)
        }
    }

    // MARK: Parts

    /// A part of the text, which is markup if the text is.
    subscript(range: Range<Int>) -> TracedText {
        if range.lowerBound == 0, range.upperBound == count { return self }
        var part = TracedText()
        part.append(self, range)
        part.isMarkup = isMarkup
        return part
    }

    /// The text of one scalar at an offset.
    func character(at offset: Int) -> TracedText { self[offset..<offset + 1] }

    /// The text with each scalar replaced by what a function makes of it and its offset.
    func mapped(_ transform: (Unicode.Scalar, Int) -> String) -> TracedText {
        var result = TracedText()
        result.isMarkup = isMarkup
        result.reserve(count)
        for (range, isTrusted) in parts {
            for offset in range { result.append(transform(scalars[offset], offset), isTrusted: isTrusted) }
        }
        return result
    }

    func plain() -> TracedText {
        var copy = self
        copy.isMarkup = false
        return copy
    }
}

extension TracedText: Equatable, Hashable {
    /// Texts are equal if their code points are, wherever those came from.
    static func == (left: TracedText, right: TracedText) -> Bool { left.scalars == right.scalars }
    func hash(into hasher: inout Hasher) { hasher.combine(scalars) }

    static func < (left: TracedText, right: TracedText) -> Bool {
        left.scalars.lexicographicallyPrecedes(right.scalars)
    }
}
