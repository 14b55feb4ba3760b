import PenstockTokenizers

/// Tells from which token on a text may end at stop strings: not before it has so many tokens, and neither within the
/// thought in front of an answer nor in white space between the two.
package struct StopGate: Sendable {
    private let least: Int
    private let tokenizer: Tokenizer
    /// Nil once the answer has words, and if there is no thought.
    private var thought: ThoughtProgress?
    /// Tokens of white space that the answer begins with.
    private var whitespace = 0

    /// - Parameters:
    ///   - least: tokens behind which stop strings count
    ///   - thought: the marks of a thought that may stand in front of the answer; nil if none may
    init(least: Int, _ thought: ThoughtMarks?, _ tokenizer: Tokenizer) {
        (self.least, self.tokenizer) = (least, tokenizer)
        self.thought = thought.map(ThoughtProgress.init)
    }

    /// Tells whether a text may end at a stop string that is complete with its last token.
    package mutating func isOpen(behind generated: ArraySlice<Int32>) -> Bool {
        hasAnswer(generated) && (least == 0 || generated.count > least)
    }

    private mutating func hasAnswer(_ generated: ArraySlice<Int32>) -> Bool {
        guard thought != nil else { return true }
        guard let answer = thought?.text(in: generated) else { return false }
        // Without a thought white space is part of the answer.
        guard answer.count == generated.count || isWords(answer.dropFirst(whitespace)) else {
            whitespace = answer.count
            return false
        }
        thought = nil
        return true
    }

    private func isWords(_ tokens: ArraySlice<Int32>) -> Bool {
        tokenizer.decode(Array(tokens), skipSpecialTokens: true).contains { !$0.isWhitespace }
    }
}
