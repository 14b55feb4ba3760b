/// The tokens that say what is what in a prompt, which nobody but its template may write.
public struct ControlTokens: Sendable, Equatable {
    /// Their ids.
    let ids: Set<Int32>

    init(ids: Set<Int32>) { self.ids = ids }

    /// None.
    public init() { ids = [] }
}

extension Tokenizer {
    /// The control tokens of a template, by the rule of `sanitize_control_tokens` in `transformers`: special tokens, and
    /// of the other added ones those of `chat_control_tokens` in tokenizer_config.json; if it has none, those that the
    /// template's words contain, but for white space.
    ///
    /// - Parameter literals: the words of the template
    public func controlTokens(of literals: [String]) -> ControlTokens {
        let special = addedVocabulary.ids(where: \.special)
        if let listed = configuration.chatControlTokens {
            let contents = Set(listed.map { Array($0.utf8) })
            return ControlTokens(
                ids: special.union(addedVocabulary.ids { contents.contains(Array($0.content.utf8)) }))
        }
        let others = addedVocabulary.ids { !$0.special && !$0.isBlank }
        let keys = others.sorted().compactMap { id in
            addedVocabulary.content(of: id).map { (key: Array($0.utf8)[...], value: id) }
        }
        var found = special
        ByteTrie(keys).withReader { trie in
            for literal in literals {
                Array(literal.utf8).withUnsafeBufferPointer { bytes in
                    for start in bytes.indices {
                        trie.forEachMatch(in: bytes, from: start) { id, _ in found.insert(id) }
                    }
                }
            }
        }
        return ControlTokens(ids: found)
    }
}
