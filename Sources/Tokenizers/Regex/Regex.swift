/// A regular expression of tokenizer.json.
///
/// Matches are those of Oniguruma: at the leftmost place, by the first alternative that leads to one. The time is linear
/// in the text, whatever the expression, see ``RegexMatcher``.
struct Regex: TextPattern {
    private let program: RegexProgram

    /// Reads an expression.
    init(_ pattern: String) throws(RegexError) { program = try RegexProgram(RegexParser.parse(pattern)) }

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        RegexMatcher.with(program, text) { matcher in
            var start = 0
            var lastEnd = -1
            while start <= text.count, let match = matcher.firstMatch(from: start) {
                if match.isEmpty, match.lowerBound == lastEnd {
                    // Nothing, right behind a match, does not count.
                    start += start < text.count ? UTF8Reading.scalar(in: text, at: start).length : 1
                } else {
                    body(match)
                    (start, lastEnd) = (match.upperBound, match.upperBound)
                }
            }
        }
    }
}
