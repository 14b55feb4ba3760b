/// Joins words with spaces, and continued words without.
struct WordPieceDecoder: TokenwiseDecoder {
    private let prefix: [UInt8]
    private let cleanup: Bool

    init(_ field: Field) throws(TokenizerError) {
        self.init(prefix: try field["prefix"].string(), cleanup: try field["cleanup"].bool())
    }

    /// - Parameters:
    ///   - prefix: what a token begins with that continues a word.
    ///   - cleanup: whether to take the space away from before punctuation and contractions.
    init(prefix: String = "##", cleanup: Bool = true) {
        self.prefix = Array(prefix.utf8)
        self.cleanup = cleanup
    }

    func decode(_ token: String, at index: Int) -> String? {
        var bytes = Array(token.utf8)
        if index > 0 {
            if bytes.starts(with: prefix) {
                bytes.removeFirst(prefix.count)
            } else {
                bytes.insert(UInt8(ascii: " "), at: 0)
            }
        }
        // Upstream cleans token by token, so that only a token's own space can be taken away.
        if cleanup { CleanUp.decoder.apply(to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
