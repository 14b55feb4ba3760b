/// Something that is looked for in a text: from left to right, without overlap.
protocol TextPattern: Sendable {
    /// Calls `body` with each match in `text`, which is valid UTF-8. Matches may be empty.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void)
}

/// A string that is looked for byte by byte.
struct LiteralPattern: TextPattern {
    private let literal: [UInt8]

    /// - Parameter literal: the string; an empty one matches before every scalar and at the end.
    init(_ literal: String) { self.literal = Array(literal.utf8) }

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        guard let first = literal.first else {
            for index in text.indices where text[index] & 0xC0 != 0x80 { body(index..<index) }
            return body(text.count..<text.count)
        }
        literal.withUnsafeBufferPointer { literal in
            var index = 0
            while index + literal.count <= text.count {
                if text[index] == first, literal.elementsEqual(text[index..<index + literal.count]) {
                    body(index..<index + literal.count)
                    index += literal.count
                } else {
                    index += 1
                }
            }
        }
    }
}
