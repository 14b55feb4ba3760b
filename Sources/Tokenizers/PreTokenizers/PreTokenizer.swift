/// The stage that cuts a normalised text into words.
protocol PreTokenizer: Sendable {
    /// Cuts the pieces of `text` that are not added tokens.
    func preTokenize(_ text: inout PreTokenizedText)
}

/// The pre-tokenizers that tokenizer.json may name.
enum PreTokenizers {
    static let registry = Registry<any PreTokenizer>(
        name: "pre-tokenizer",
        makers: [
            "BertPreTokenizer": { (_) throws(TokenizerError) in BertPreTokenizer() },
            "ByteLevel": { (field) throws(TokenizerError) in try ByteLevel(field) },
            "CharDelimiterSplit": { (field) throws(TokenizerError) in try CharDelimiterSplit(field) },
            "Digits": { (field) throws(TokenizerError) in try Digits(field) },
            "FixedLength": { (field) throws(TokenizerError) in try FixedLength(field) },
            "Metaspace": { (field) throws(TokenizerError) in try Metaspace(field) },
            "Punctuation": { (field) throws(TokenizerError) in try Punctuation(field) },
            "Sequence": { (field) throws(TokenizerError) in try PreTokenizerSequence(field) },
            "Split": { (field) throws(TokenizerError) in try Split(field) },
            "UnicodeScripts": { (_) throws(TokenizerError) in UnicodeScripts() },
            "Whitespace": { (_) throws(TokenizerError) in Whitespace() },
            "WhitespaceSplit": { (_) throws(TokenizerError) in WhitespaceSplit() },
        ])
}

/// Several pre-tokenizers, one after the other.
struct PreTokenizerSequence: PreTokenizer {
    private let pretokenizers: [any PreTokenizer]

    init(_ field: Field) throws(TokenizerError) {
        pretokenizers = try field["pretokenizers"].map(PreTokenizers.registry.make)
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        for pretokenizer in pretokenizers { pretokenizer.preTokenize(&text) }
    }
}
