/// A piece of a text that the model has an id for.
struct Token {
    /// The id in the vocabulary.
    var id: Int32
    /// The bytes that of the normalised text it stands for.
    var range: Range<Int>
}

/// The stage that cuts words into the vocabulary's tokens.
protocol TokenizerModel: Sendable {
    /// All tokens of the model, without added ones.
    var vocabulary: Vocabulary { get }
    /// The characters that a token begins with if it continues a word, in a model that marks those so.
    var continuingSubwordPrefix: String? { get }
    /// True if `clean_up_tokenization_spaces` is to be ignored, as upstream does where it would destroy text.
    var ignoresCleanUp: Bool { get }

    /// The id of the token that has what it stands for as its text, instead of its name, if there is one.
    var idOfTextItself: Int32? { get }

    /// The id of the token for what the vocabulary cannot express, if there is one.
    var unknownID: Int32? { get }

    /// Appends the tokens of one word.
    ///
    /// - Parameters:
    ///   - word: the word's UTF-8; never empty.
    ///   - start: where the word begins in the normalised text, in bytes; token ranges count from the text's start.
    ///   - tokens: receives the tokens.
    /// - Throws: ``TokenizerError`` with code `unencodable` for a word that no token, not even `unk_token`, stands for.
    func tokenize(
        _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) throws(TokenizerError)
}

extension TokenizerModel {
    var continuingSubwordPrefix: String? { nil }
    var ignoresCleanUp: Bool { false }
    var idOfTextItself: Int32? { nil }
}

/// The models that tokenizer.json may name.
enum TokenizerModels {
    static let registry = Registry<any TokenizerModel>(
        name: "model",
        makers: [
            "BPE": { (field) throws(TokenizerError) in try BPE(field) },
            "Unigram": { (field) throws(TokenizerError) in try Unigram(field) },
            "WordPiece": { (field) throws(TokenizerError) in try WordPiece(field) },
            "WordLevel": { (field) throws(TokenizerError) in try WordLevel(field) },
        ])

    /// The model that `field` describes. Old files omit the type: such a model is what its fields fit.
    static func make(_ field: Field) throws(TokenizerError) -> any TokenizerModel {
        if field["type"].exists || !field.exists { return try registry.make(field) }
        if field["continuing_subword_prefix"].exists, field["max_input_chars_per_word"].exists {
            return try WordPiece(field)
        }
        if field["merges"].exists { return try BPE(field) }
        return field["vocab"].value?.array != nil ? try Unigram(field) : try WordLevel(field)
    }
}
