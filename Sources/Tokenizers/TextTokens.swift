/// The tokens of a text that stands in several pairs, found once: nothing is cut off, and no special tokens are around them.
package struct TextTokens: Sendable {
    fileprivate var encoding: Encoding

    /// The number of tokens.
    package var count: Int { encoding.count }

    /// The first of them, at most so many.
    package func prefix(_ length: Int) -> TextTokens {
        length < count ? TextTokens(encoding: encoding[0..<max(0, length)]) : self
    }
}

extension Tokenizer {
    /// The tokens of a text.
    ///
    /// - Throws: as ``encode(_:pair:addSpecialTokens:truncation:)``.
    package func textTokens(_ text: String) throws(TokenizerError) -> TextTokens {
        TextTokens(encoding: try encode(text, typeID: 0))
    }

    /// Encodes a pair of texts: the same as ``encode(_:pair:addSpecialTokens:truncation:)`` makes of them.
    ///
    /// - Throws: ``TokenizerError`` with code `truncation` when the texts cannot be cut as demanded.
    package func encode(
        _ text: TextTokens, pair: TextTokens, addSpecialTokens: Bool = true, truncation: Truncation? = nil
    ) throws(TokenizerError) -> Encoding {
        var second = pair.encoding
        second.setTypeID(1)
        return try assembled([text.encoding, second], addSpecialTokens: addSpecialTokens, truncation)
    }
}
