/// Replaces every match of a string or a regular expression.
struct Replace: Normalizer {
    private let pattern: any TextPattern
    private let content: [UInt8]

    init(_ field: Field) throws(TokenizerError) {
        pattern = try Patterns.make(field["pattern"])
        content = Array(try field["content"].string().utf8)
    }

    func normalize(_ text: inout NormalizedText) {
        if !text.bytes.isEmpty { text.replace(pattern, with: content) }
    }
}
