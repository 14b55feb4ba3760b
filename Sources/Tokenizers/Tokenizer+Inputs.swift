extension Tokenizer {
    /// An input that becomes one encoding.
    public enum Input: Sendable, Equatable {
        /// A text.
        case text(String)
        /// A pair of texts.
        case pair(String, String)
        /// A text that was cut into words elsewhere.
        case words([String])
        /// A pair of texts that were cut into words elsewhere.
        case wordPair([String], [String])
        /// The tokens of a text by their ids. Special tokens that begin and end a sequence are the tokenizer's to add, and are
        /// left out.
        case tokens([Int32])
        /// A text in pieces, as chat templates make it. Control tokens are found in trusted ones alone; in the others, and
        /// across borders, their names are text. All else is as of the whole text.
        case prompt([PromptPiece], ControlTokens)
    }

    /// Encodes a text or a pair of texts, whole or in words.
    ///
    /// Words are encoded each for itself: their offsets count from the word's own beginning, and all tokens of a word have
    /// its index as word id.
    ///
    /// - Throws: as ``encode(_:pair:addSpecialTokens:truncation:)``.
    public func encode(
        _ input: Input, addSpecialTokens: Bool = true, truncation: Truncation? = nil
    ) throws(TokenizerError) -> Encoding {
        let parts: [Encoding]
        switch input {
        case .text(let text): parts = [try encode(text, typeID: 0)]
        case .pair(let first, let second): parts = [try encode(first, typeID: 0), try encode(second, typeID: 1)]
        case .words(let words): parts = [try encode(words, typeID: 0)]
        case .wordPair(let first, let second): parts = [try encode(first, typeID: 0), try encode(second, typeID: 1)]
        case .tokens(let ids): parts = [Encoding(ofText: withoutEnds(ids))]
        case .prompt(let pieces, let control):
            let text = pieces.reduce(into: "") { $0 += $1.text }
            parts = [try encode(text, typeID: 0, trust: PromptTrust(pieces, control))]
        }
        return try assembled(parts, addSpecialTokens: addSpecialTokens, truncation)
    }

    /// Encodes a batch, in its order. Nothing is padded.
    ///
    /// - Throws: as ``encode(_:pair:addSpecialTokens:truncation:)``, for the first input that cannot be encoded.
    public func encode(
        batch: some Sequence<Input>, addSpecialTokens: Bool = true, truncation: Truncation? = nil
    ) throws(TokenizerError) -> [Encoding] {
        var encodings: [Encoding] = []
        for input in batch {
            encodings.append(try encode(input, addSpecialTokens: addSpecialTokens, truncation: truncation))
        }
        return encodings
    }

    private func withoutEnds(_ ids: [Int32]) -> [Int32] {
        var ids = ids[...]
        if let first = ids.first, [clsTokenID, bosTokenID].contains(first) { ids.removeFirst() }
        if let last = ids.last, [sepTokenID, eosTokenID].contains(last) { ids.removeLast() }
        return Array(ids)
    }

    /// Encodes words without the post-processor.
    private func encode(_ words: [String], typeID: Int32) throws(TokenizerError) -> Encoding {
        var result = Encoding()
        for (index, word) in words.enumerated() {
            var encoding = try encode(word, typeID: typeID)
            encoding.wordIDs = Array(repeating: index, count: encoding.count)
            result.append(encoding)
        }
        return result
    }
}
