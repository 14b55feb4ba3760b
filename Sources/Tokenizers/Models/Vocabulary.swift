/// Tokens and their ids.
///
/// Tokens are told apart by their bytes: two that Swift's `String` holds equal (é composed and decomposed) are two.
struct Vocabulary: Sendable {
    /// From a token's UTF-8 to its id.
    let trie: ByteTrie
    /// The largest id; -1 without tokens.
    let largestID: Int32
    private let tokens: [Int32: String]

    /// Reads an object of tokens and ids, as `model.vocab` is one.
    init(_ field: Field) throws(TokenizerError) {
        var entries: [(String, Int32)] = []
        for entry in try field.entries() {
            guard let id = entry.value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw field.malformed("the id of \"\(entry.key)\" is not a number from 0 to \(Int32.max)")
            }
            entries.append((entry.key, id))
        }
        self.init(entries)
    }

    /// A vocabulary of these tokens; of entries for the same token, or the same id, the last one counts.
    ///
    /// - Parameter entries: tokens and ids, which are not negative.
    init(_ entries: [(token: String, id: Int32)]) {
        trie = ByteTrie(entries.map { (Array($0.token.utf8), $0.id) })
        tokens = Dictionary(entries.map { ($0.id, $0.token) }) { _, last in last }
        largestID = tokens.keys.max() ?? -1
    }

    /// Number of distinct tokens.
    var count: Int { trie.count }

    /// The token with this id.
    func token(of id: Int32) -> String? { tokens[id] }

    /// The id of this token.
    func id(of token: String) -> Int32? {
        var token = token
        return token.withUTF8 { trie.value(of: $0) }
    }
}
