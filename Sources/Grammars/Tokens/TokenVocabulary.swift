import Synchronization

/// The tokens of a model as grammars see them: the bytes that each adds to a text.
package final class TokenVocabulary: Sendable {
    /// The number of tokens, those included that add nothing.
    package let count: Int
    /// The bytes of all tokens behind the first of a text, one after the other.
    private let bytes: TokenBytes
    /// Those of the first token of a text, if they are others.
    private let firstBytes: TokenBytes?
    private let tokens: VocabularyTokens
    private let firstTokens: VocabularyTokens?
    /// The tokens by what they do within a string of JSON, found when it is first asked for.
    private let knownStringTokens = Mutex<StringTokens?>(nil)

    /// - Parameters:
    ///   - bytes: what each token adds behind others; nothing for those that texts may not have
    ///   - first: what each adds as the first; nil if it is the same
    package init(_ bytes: [[UInt8]], first: [[UInt8]]? = nil) {
        count = bytes.count
        self.bytes = TokenBytes(bytes)
        tokens = VocabularyTokens(self.bytes.trie, count: count)
        firstBytes = first.map { TokenBytes($0) }
        firstTokens = firstBytes.map { VocabularyTokens($0.trie, count: bytes.count) }
    }

    /// The bytes that a token adds to a text.
    func bytes(of token: Int32, isFirst: Bool) -> ArraySlice<UInt8> { (isFirst ? firstBytes ?? bytes : bytes)[token] }

    /// The tokens behind the first of a text, by their bytes.
    var trie: TokenTrie { tokens.trie }

    /// The tokens for a place.
    func tokens(isFirst: Bool) -> VocabularyTokens { isFirst ? firstTokens ?? tokens : tokens }

    /// The tokens by what they do within a string of JSON.
    func stringTokens() throws(GrammarError) -> StringTokens {
        try knownStringTokens.withLock { (known) throws(GrammarError) in
            if let known { return known }
            let made = try StringTokens(self)
            known = made
            return made
        }
    }
}

/// The tokens of a vocabulary that texts may have.
struct VocabularyTokens: Sendable {
    let trie: TokenTrie
    /// All that are in the tree.
    let all: TokenBits

    init(_ trie: TokenTrie, count: Int) {
        self.trie = trie
        var all = TokenBits(count: count)
        for token in trie.tokens { all.insert(token) }
        self.all = all
    }
}

/// The bytes of tokens, one after the other.
private struct TokenBytes: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(_ texts: [[UInt8]]) {
        bytes.reserveCapacity(texts.reduce(0) { $0 + $1.count })
        ends.reserveCapacity(texts.count)
        for text in texts {
            bytes += text
            ends.append(bytes.count)
        }
    }

    /// Nothing for what is no token.
    subscript(token: Int32) -> ArraySlice<UInt8> {
        guard ends.indices.contains(Int(token)) else { return [] }
        return bytes[(token > 0 ? ends[Int(token) - 1] : 0)..<ends[Int(token)]]
    }

    var trie: TokenTrie { TokenTrie(ends.indices.map { (self[Int32($0)], Int32($0)) }) }
}
