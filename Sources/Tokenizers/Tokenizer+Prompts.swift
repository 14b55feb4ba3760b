extension Tokenizer {
    /// Spells a word in other tokens where the model's own vocabulary made control tokens of letters that are not
    /// trusted, as that of Unigram has `</s>`: the word is cut behind the first scalar of each. The unknown token, and
    /// one of a single scalar, stay.
    ///
    /// - Parameters:
    ///   - tokens: those of the word begin at `start`
    ///   - word: its place in `bytes`
    ///   - isPossible: whether a token may stand where it does
    func respell(
        _ tokens: inout [Token], from start: Int, of bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>,
        where isPossible: (Token) -> Bool
    ) throws(TokenizerError) {
        var ends = [word.upperBound]
        // Each round cuts at least once more.
        while true {
            var cuts: [Int] = []
            for token in tokens[start...] where token.id != model.unknownID && !isPossible(token) {
                let cut = token.range.lowerBound + UTF8Reading.scalar(in: bytes, at: token.range.lowerBound).length
                if cut < token.range.upperBound { cuts.append(cut) }
            }
            if cuts.isEmpty { return }
            ends = (ends + cuts).sorted()
            tokens.removeSubrange(start...)
            var part = word.lowerBound
            for end in ends {
                try model.tokenize(UnsafeBufferPointer(rebasing: bytes[part..<end]), at: part, into: &tokens)
                part = end
            }
        }
    }
}
