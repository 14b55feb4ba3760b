/// Puts a string before a text that is not empty.
struct Prepend: Normalizer {
    private let prepend: [UInt8]

    init(_ field: Field) throws(TokenizerError) { prepend = Array(try field["prepend"].string().utf8) }

    func normalize(_ text: inout NormalizedText) { text.prepend(prepend) }
}
