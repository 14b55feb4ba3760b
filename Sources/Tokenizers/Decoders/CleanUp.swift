/// Takes the spaces away that tokenization left before English punctuation and contractions.
struct CleanUp: Sendable {
    private let replacements: [(pattern: [UInt8], content: [UInt8])]

    private init(_ replacements: KeyValuePairs<String, String>) {
        self.replacements = replacements.map { (Array($0.key.utf8), Array($0.value.utf8)) }
    }

    /// What `clean_up_tokenization_spaces` does to a whole text.
    static let text = CleanUp([
        " .": ".", " ?": "?", " !": "!", " ,": ",", " ' ": "'", " n't": "n't", " 'm": "'m", " 's": "'s", " 've": "'ve",
        " 're": "'re",
    ])

    /// What the `cleanup` of a decoder does to a token.
    static let decoder = CleanUp([
        " .": ".", " ?": "?", " !": "!", " ,": ",", " ' ": "'", " n't": "n't", " 'm": "'m", " do not": " don't",
        " 's": "'s", " 've": "'ve", " 're": "'re",
    ])

    /// Makes the replacements one after the other.
    func apply(to bytes: inout [UInt8]) {
        guard bytes.contains(UInt8(ascii: " ")) else { return }
        for (pattern, content) in replacements { ByteSearch.replace(pattern, with: content, in: &bytes) }
    }

    /// The text with the replacements made.
    func applied(to text: String) -> String {
        var bytes = Array(text.utf8)
        apply(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
