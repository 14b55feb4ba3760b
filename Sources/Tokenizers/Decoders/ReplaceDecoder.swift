/// Replaces what a pattern matches in each token.
struct ReplaceDecoder: TokenwiseDecoder {
    private let pattern: any TextPattern
    private let content: String

    init(_ field: Field) throws(TokenizerError) {
        pattern = try Patterns.make(field["pattern"])
        content = try field["content"].string()
    }

    /// Replaces every occurrence of a string.
    init(_ literal: String, with content: String) {
        (pattern, self.content) = (LiteralPattern(literal), content)
    }

    func decode(_ token: String, at index: Int) -> String? { token.replacing(pattern, with: content) }
}

extension String {
    /// The string with each match of `pattern` replaced by `content`.
    func replacing(_ pattern: some TextPattern, with content: String) -> String {
        var text = self
        var result: [UInt8] = []
        text.withUTF8 { bytes in
            var end = 0
            pattern.forEachMatch(in: bytes) { match in
                result += bytes[end..<match.lowerBound]
                result += content.utf8
                end = match.upperBound
            }
            result += bytes[end...]
        }
        return String(decoding: result, as: UTF8.self)
    }
}
