/// Cuts a word into characters and merges them pair by pair in the order of the merges that were learned. (Sennrich,
/// Haddow and Birch 2016.)
struct BPE: TokenizerModel {
    let vocabulary: Vocabulary
    let continuingSubwordPrefix: String?
    let ignoresCleanUp = true
    private let merges: MergeTable
    private let characters: CharacterTokens
    private let unknown: UnknownToken?
    private let fusesUnknown: Bool
    private let byteFallback: ByteFallbackTokens?
    /// True if a word that is a token is not cut.
    private let ignoresMerges: Bool
    private let cache = WordCache()

    /// The settings that a BPE model has beside the vocabulary and the merges.
    struct Options {
        var unknown: UnknownToken?
        var continuingSubwordPrefix = ""
        var endOfWordSuffix = ""
        var fuseUnknown = false
        var byteFallback = false
        var ignoreMerges = false
    }

    init(vocabulary: Vocabulary, merges: MergeTable, options: Options) {
        self.vocabulary = vocabulary
        self.merges = merges
        unknown = options.unknown
        fusesUnknown = options.fuseUnknown
        byteFallback = options.byteFallback ? ByteFallbackTokens(vocabulary) : nil
        ignoresMerges = options.ignoreMerges
        continuingSubwordPrefix = options.continuingSubwordPrefix.isEmpty ? nil : options.continuingSubwordPrefix
        characters = CharacterTokens(
            vocabulary, continuingSubwordPrefix: options.continuingSubwordPrefix,
            endOfWordSuffix: options.endOfWordSuffix)
    }

    var unknownID: Int32? { unknown?.id }

    func tokenize(
        _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) throws(TokenizerError) {
        if ignoresMerges, let id = vocabulary.id(of: word) {
            tokens.append(Token(id: id, range: start..<start + word.count))
            return
        }
        if cache.append(tokensOf: word, at: start, to: &tokens) { return }
        let first = tokens.count
        var queue = try symbols(of: word)
        queue.mergeAll(merges)
        var offset = 0
        queue.forEach { symbol in
            // Upstream's tokens follow each other even where a character was dropped, or decorated, before its bytes
            // fell back, so that the last may lie behind the word. Those stay with its end.
            let lower = min(offset, word.count - 1)
            let upper = max(min(offset + Int(symbol.length), word.count), lower + 1)
            tokens.append(Token(id: symbol.id, range: start + lower..<start + upper))
            offset += Int(symbol.length)
        }
        cache.store(tokens[first...], of: word, at: start)
    }

    /// The word's characters as tokens, before merges.
    private func symbols(of word: UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> MergeQueue {
        var queue = MergeQueue(capacity: word.count)
        var pendingUnknown: (id: Int32, length: Int)?
        var index = 0
        while index < word.count {
            let length = UTF8Reading.scalar(in: word, at: index).length
            let character = CharacterTokens.Character(
                bytes: UnsafeBufferPointer(rebasing: word[index..<index + length]), isFirst: index == 0,
                isLast: index + length == word.count)
            index += length
            if let id = characters.id(of: character) {
                if let pending = pendingUnknown { queue.append(pending.id, length: pending.length) }
                pendingUnknown = nil
                queue.append(id, length: length)
            } else if let byteFallback, case let bytes = characters.decorated(character), byteFallback.covers(bytes) {
                // Pieces that are pending stay so, and come behind these: as upstream has it.
                for byte in bytes { queue.append(byteFallback[byte], length: 1) }
            } else if let pending = pendingUnknown, fusesUnknown {
                pendingUnknown = (pending.id, pending.length + length)
            } else if let unknown {
                if let pending = pendingUnknown { queue.append(pending.id, length: pending.length) }
                pendingUnknown = (try unknown.required(), length)
            }
        }
        if let pending = pendingUnknown { queue.append(pending.id, length: pending.length) }
        return queue
    }
}
