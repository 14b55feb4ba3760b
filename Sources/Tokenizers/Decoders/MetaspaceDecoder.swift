/// Turns the visible character back into spaces; in the first token, where it was put, into nothing.
struct MetaspaceDecoder: TokenwiseDecoder {
    private let replacement: LiteralPattern
    private let prependScheme: Metaspace.PrependScheme

    init(_ field: Field) throws(TokenizerError) {
        self.init(replacement: try field["replacement"].scalar(), prependScheme: try Metaspace.prependScheme(field))
    }

    init(replacement: Unicode.Scalar = "▁", prependScheme: Metaspace.PrependScheme) {
        (self.replacement, self.prependScheme) = (LiteralPattern(String(replacement)), prependScheme)
    }

    func decode(_ token: String, at index: Int) -> String? {
        token.replacing(replacement, with: index == 0 && prependScheme != .never ? "" : " ")
    }
}
