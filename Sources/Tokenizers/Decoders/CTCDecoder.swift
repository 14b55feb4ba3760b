/// Reads what a connectionist temporal classification emits: repeated tokens count once, and padding parts them. (Graves
/// et al. 2006.)
struct CTCDecoder: TokenwiseDecoder {
    private let padToken: [UInt8]
    private let wordDelimiterToken: LiteralPattern
    private let cleanup: Bool
    private var previous: String?

    init(_ field: Field) throws(TokenizerError) {
        padToken = Array(try field["pad_token"].string().utf8)
        wordDelimiterToken = LiteralPattern(try field["word_delimiter_token"].string())
        cleanup = try field["cleanup"].bool()
    }

    mutating func decode(_ token: String, at index: Int) -> String? {
        if let previous, previous.utf8.elementsEqual(token.utf8) { return nil }
        previous = token
        var bytes = Array(token.utf8)
        ByteSearch.replace(padToken, with: [], in: &bytes)
        if cleanup { CleanUp.decoder.apply(to: &bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        let result = cleanup ? text.replacing(wordDelimiterToken, with: " ") : text
        return result.isEmpty ? nil : result
    }
}
