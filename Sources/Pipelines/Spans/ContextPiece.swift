import PenstockTokenizers

/// The tokens of a sequence of a question and a piece of its context that answers are looked for in.
struct ContextPiece: Sendable {
    /// A token that is read.
    private struct Token {
        let range: Range<Int>
        /// Of the words of the context; nil for a token of none.
        let word: Int?
    }

    /// The tokens of the sequence that are read, ascending: the classification tokens, which take part in the softmax, and
    /// those of the context.
    let rows: [Int]
    /// The place of the context's tokens among ``rows``.
    let context: Range<Int>
    /// The starts and ends of the words of the context's tokens as far as they are in the piece, in scalars of the
    /// context; where a token has no word, or words do not count, the token itself.
    private let starts: [Int]
    private let ends: [Int]

    /// Bytes that a token takes.
    static let bytesPerToken = 3 * MemoryLayout<Int>.stride

    /// - Parameters:
    ///   - encoding: of the question and the piece
    ///   - questionTokens: how many of its tokens, but for special ones, are the question's; they come first
    ///   - alignsToWords: whether answers begin and end where words do
    init(_ encoding: Encoding, questionTokens: Int, clsTokenID: Int32?, alignsToWords: Bool) {
        var rows: [Int] = []
        var tokens: [Token] = []
        var (others, first) = (0, 0)
        for index in encoding.ids.indices {
            if !encoding.specialTokensMask[index] {
                others += 1
                if others > questionTokens {
                    if tokens.isEmpty { first = rows.count }
                    rows.append(index)
                    tokens.append(
                        Token(
                            range: encoding.offsets[index], word: alignsToWords ? encoding.wordIDs[index] : nil))
                    continue
                }
            }
            if encoding.ids[index] == clsTokenID { rows.append(index) }
        }
        // A sequence without any is read all the same.
        self.rows = rows.isEmpty ? [0] : rows
        context = first..<first + tokens.count
        var (starts, ends) = (tokens.map(\.range.lowerBound), tokens.map(\.range.upperBound))
        for index in tokens.indices.dropFirst() where Self.areOneWord(tokens[index - 1], tokens[index]) {
            starts[index] = starts[index - 1]
        }
        for index in tokens.indices.dropLast().reversed() where Self.areOneWord(tokens[index], tokens[index + 1]) {
            ends[index] = ends[index + 1]
        }
        (self.starts, self.ends) = (starts, ends)
    }

    private static func areOneWord(_ a: Token, _ b: Token) -> Bool { a.word != nil && a.word == b.word }

    /// The place in the context of a span of its tokens, which are counted from its first one here; in Unicode scalars.
    func place(from first: Int, through last: Int) -> Range<Int> { starts[first]..<max(starts[first], ends[last]) }

    /// The scalars of the longest span of at most so many tokens.
    func longestSpan(tokens length: Int) -> Int {
        starts.indices.reduce(0) { longest, first in
            let last = length < starts.count - first ? first + length - 1 : starts.count - 1
            return max(longest, place(from: first, through: last).count)
        }
    }
}
