import PenstockTokenizers

/// The text of a growing list of tokens, given out in pieces as soon as nothing can change them any more.
///
/// The pieces are whole Unicode scalars and make up, end to end, what the tokenizer decodes all tokens to. What may be
/// the beginning of a stop string is held back until it is none, or until the text ends. Stop strings are found across
/// the borders of tokens, and in special tokens also where these are not shown.
package struct TextStream: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecialTokens: Bool
    private let cutsAtStopString: Bool
    private var decoder: IncrementalDecoder
    private var stops: StopStrings
    /// True if the text may end at a stop string.
    private var mayStop = true

    /// The stop string at which the text ended, by its place among those given; nil if it has not ended so.
    package var stopString: Int? { stops.found }

    /// - Parameters:
    ///   - tokenizer: decodes the tokens
    ///   - stopStrings: texts at which the text ends; empty ones count for nothing
    ///   - skipSpecialTokens: whether special tokens are left out
    ///   - cutsAtStopString: whether the text ends in front of a stop string; if not, it ends with the token that
    ///     completes one, as `generate` has it
    ///   - isBehindText: whether it goes on with other text, so that its first word keeps the space in front of it
    package init(
        tokenizer: Tokenizer, stopStrings: [String], skipSpecialTokens: Bool, cutsAtStopString: Bool = false,
        isBehindText: Bool = false
    ) {
        self.tokenizer = tokenizer
        self.skipSpecialTokens = skipSpecialTokens
        self.cutsAtStopString = cutsAtStopString
        decoder =
            isBehindText
            ? tokenizer.incrementalDecoderBehindText(skipSpecialTokens: skipSpecialTokens)
            : tokenizer.incrementalDecoder(skipSpecialTokens: skipSpecialTokens)
        stops = StopStrings(stopStrings)
    }

    /// Returns the text that is certain with the next token; often none.
    ///
    /// - Parameter mayStop: whether the text may end at a stop string that is complete with the token
    package mutating func append(_ id: Int32, mayStop: Bool = true) -> String {
        self.mayStop = mayStop
        guard skipSpecialTokens, tokenizer.isSpecial(id) else {
            return append(decoder.append(id), shown: true) + endAtHeldStopString()
        }
        return append(tokenizer.token(of: id) ?? "", shown: false)
    }

    private mutating func append(_ text: String, shown: Bool) -> String {
        stops.append(text, shown: shown, cuts: cutsAtStopString, mayStop: mayStop)
    }

    /// Ends the text if a stop string is in what the decoder holds back, since that is what it is if nothing follows: a
    /// character of several tokens, or the end of a word.
    private mutating func endAtHeldStopString() -> String {
        guard mayStop, stops.isLooking else { return "" }
        var (decoder, stops) = (decoder, stops)
        let text = stops.append(decoder.finish(), shown: true, cuts: cutsAtStopString)
        guard stops.found != nil else { return "" }
        self.stops = stops
        self.decoder = tokenizer.incrementalDecoder(skipSpecialTokens: skipSpecialTokens)
        return text
    }

    /// Returns the text that was held back. There are no more tokens.
    package mutating func finish() -> String {
        let text = append(decoder.finish(), shown: true)
        return text + stops.finish(cuts: cutsAtStopString)
    }
}
