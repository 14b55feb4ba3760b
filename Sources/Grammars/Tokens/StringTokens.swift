/// The tokens of a vocabulary by what they do behind the first quote of a string of JSON, so that they need not be
/// looked at one by one in each string.
struct StringTokens: Sendable {
    /// Tokens that stay within the string, by the characters that they need room for, in ascending order; each mask has
    /// the tokens of those before it.
    private let staying: [(characters: Int32, mask: TokenMask)]
    /// Tokens that leave the string, by the characters in front of its end, of which there is one at least: by the
    /// bytes from the quote on.
    let leaving: [(characters: Int32, tokens: TokenTrie)]

    init(_ vocabulary: TokenVocabulary) throws(GrammarError) {
        var builder = try GrammarBuilder()
        let characters = try builder.characters(atLeast: 0, atMost: nil)
        let quote = try builder.byte(UInt8(ascii: "\""), then: GrammarBuilder.end)
        let start = try builder.call(characters, then: quote)
        var automaton = GrammarAutomaton(try Grammar(builder, start: start))
        let trie = vocabulary.trie
        let inside = try automaton.start()
        // The whole characters up to each byte of the present token.
        var counts = [Int32](repeating: 0, count: trie.longest + 1)
        var stayingTokens: [Int32: [Int32]] = [:]
        var leavingTokens: [Int32: [(bytes: ArraySlice<UInt8>, token: Int32)]] = [:]
        try trie.walk(from: inside) { (state, byte) throws(GrammarError) in
            try automaton.next(state, byte)
        } leave: { _ in
        } enter: { index, state in
            let length = Int(trie.nodes[index].length)
            counts[length] = counts[length - 1] + (state == inside ? 1 : 0)
            if automaton.mayEnd(in: state) {
                // All that begins so leaves the string here.
                let count = counts[length]
                guard count > 0 else { return true }
                for token in trie.tokens(below: index) {
                    let bytes = vocabulary.bytes(of: token, isFirst: false)
                    leavingTokens[count, default: []].append((bytes.dropFirst(length - 1), token))
                }
            } else {
                let needed = counts[length] + (state == inside ? 0 : 1)
                stayingTokens[needed, default: []] += trie.tokens(at: index)
            }
            return true
        }
        var bits = TokenBits(count: vocabulary.count)
        staying = stayingTokens.sorted { $0.key < $1.key }.map { characters, tokens in
            for token in tokens { bits.insert(token) }
            return (characters, TokenMask(bits))
        }
        leaving = leavingTokens.sorted { $0.key < $1.key }.map { ($0.key, TokenTrie($0.value)) }
    }

    /// The tokens that stay within a string that has room for so many characters; nil for none.
    func staying(within room: Int32) -> TokenMask? { staying.last { $0.characters <= room }?.mask }
}
