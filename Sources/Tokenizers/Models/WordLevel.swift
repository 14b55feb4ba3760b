/// Looks up each word as a whole.
struct WordLevel: TokenizerModel {
    let vocabulary: Vocabulary
    private let unknown: UnknownToken

    init(_ field: Field) throws(TokenizerError) {
        vocabulary = try Vocabulary(field["vocab"])
        unknown = try UnknownToken(field["unk_token"], in: vocabulary)
    }

    var unknownID: Int32? { unknown.id }

    func tokenize(
        _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) throws(TokenizerError) {
        let id = if let id = vocabulary.id(of: word) { id } else { try unknown.required() }
        tokens.append(Token(id: id, range: start..<start + word.count))
    }
}
