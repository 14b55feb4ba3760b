/// Replaces every occurrence of a string.
struct Replace: Normalizer {
    private let pattern: [UInt8]
    private let content: [UInt8]

    init(_ field: Field) throws(TokenizerError) {
        let pattern = field["pattern"]
        guard !pattern["Regex"].exists else {
            throw pattern.unsupported("a Regex pattern is not supported; known is String")
        }
        self.pattern = Array(try pattern["String"].string().utf8)
        content = Array(try field["content"].string().utf8)
        guard !self.pattern.isEmpty else { throw pattern.unsupported("an empty pattern") }
    }

    func normalize(_ text: inout NormalizedText) {
        let matches = ByteSearch.matches(of: pattern, in: text.bytes)
        if !matches.isEmpty { text.replace(matches, with: content) }
    }
}
