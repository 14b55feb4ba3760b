/// Cuts at white space, and between word characters and others: the matches of `\w+|[^\w\s]+`.
struct Whitespace: PreTokenizer {
    private enum Kind {
        case word, other, space
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        text.split { bytes, range, emit in
            var start = range.lowerBound
            var index = start
            var current = Kind.space
            while index < range.upperBound {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                let kind: Kind =
                    UpstreamUnicode.isWord(scalar) ? .word : UpstreamUnicode.isWhitespace(scalar) ? .space : .other
                if kind != current {
                    if current != .space { emit(start..<index) }
                    (start, current) = (index, kind)
                }
                index += length
            }
            if current != .space { emit(start..<range.upperBound) }
        }
    }
}
