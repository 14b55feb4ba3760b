/// Cuts a word into the longest tokens that fit, from its beginning to its end; a word that does not come out even is
/// unknown as a whole. (Schuster and Nakajima 2012, as in BERT.)
struct WordPiece: TokenizerModel {
    let vocabulary: Vocabulary
    let continuingSubwordPrefix: String?
    /// The token that stands for words that do not come out even.
    var unknown: UnknownToken
    private let trie: ByteTrie
    /// The node of the trie after `continuing_subword_prefix`; nil when no token begins with it.
    private let continuation: ByteTrie.Node?
    /// Longer words are unknown; in Unicode scalars.
    private let maxInputCharsPerWord: Int

    init(_ field: Field) throws(TokenizerError) {
        let vocabulary = try Vocabulary(field["vocab"])
        self.init(
            vocabulary: vocabulary, unknown: try UnknownToken(field["unk_token"], in: vocabulary),
            continuingSubwordPrefix: try field["continuing_subword_prefix"].string(),
            maxInputCharsPerWord: try field["max_input_chars_per_word"].integer(in: 0...Int.max))
    }

    init(
        vocabulary: Vocabulary, unknown: UnknownToken, continuingSubwordPrefix: String = "##",
        maxInputCharsPerWord: Int = 100
    ) {
        self.vocabulary = vocabulary
        self.continuingSubwordPrefix = continuingSubwordPrefix
        self.unknown = unknown
        self.maxInputCharsPerWord = maxInputCharsPerWord
        trie = ByteTrie(vocabulary.entries)
        continuation = trie.node(after: Array(continuingSubwordPrefix.utf8))
    }

    var unknownID: Int32? { unknown.id }

    func tokenize(
        _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) throws(TokenizerError) {
        let firstToken = tokens.count
        if !isTooLong(word), appendPieces(of: word, at: start, to: &tokens) { return }
        tokens.removeSubrange(firstToken...)
        tokens.append(Token(id: try unknown.required(), range: start..<start + word.count))
    }

    private func isTooLong(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard word.count > maxInputCharsPerWord else { return false }
        var scalars = 0
        for byte in word where byte & 0xC0 != 0x80 { scalars += 1 }
        return scalars > maxInputCharsPerWord
    }

    /// Tells whether the pieces cover the word.
    private func appendPieces(
        of word: UnsafeBufferPointer<UInt8>, at start: Int, to tokens: inout [Token]
    ) -> Bool {
        trie.withReader { trie in
            var position = 0
            var node = ByteTrie.root
            while position < word.count {
                guard let match = trie.longestMatch(in: word, from: position, node: node) else { return false }
                tokens.append(Token(id: match.value, range: start + position..<start + match.end))
                position = match.end
                guard let continuation else { return position == word.count }
                node = continuation
            }
            return true
        }
    }
}
