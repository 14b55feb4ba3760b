/// The token for words that the vocabulary cannot express.
struct UnknownToken: Sendable {
    /// Its text, as the file gives it.
    let token: String
    /// Its id; nil when the vocabulary lacks it, which matters only once it is needed.
    let id: Int32?
    private let file: String

    /// Reads a model's `unk_token`.
    init(_ field: Field, in vocabulary: Vocabulary) throws(TokenizerError) {
        self.init(try field.string(), file: field.file, in: vocabulary)
    }

    /// The unknown token `token` of a vocabulary that came from `file`.
    init(_ token: String, file: String, in vocabulary: Vocabulary) {
        (self.token, self.file) = (token, file)
        id = vocabulary.id(of: token)
    }

    /// The id of the token.
    func required() throws(TokenizerError) -> Int32 {
        guard let id else {
            throw TokenizerError(
                .unencodable,
                "\(file): the text has a word that the vocabulary cannot express, and the vocabulary lacks the "
                    + "unk_token \"\(token)\"; add it")
        }
        return id
    }
}
