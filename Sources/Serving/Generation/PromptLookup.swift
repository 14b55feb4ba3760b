/// Guesses the next tokens of a sequence: those that followed its last ones where they occurred before. (Saxena 2023,
/// "Prompt Lookup Decoding")
///
/// A sequence whose guesses are wrong guesses seldom.
package struct PromptLookup: Sendable {
    /// Tokens of a guess.
    private let most: Int
    /// The number of tokens from which on it guesses again.
    private var next = 0
    /// Tokens that pass behind a wrong guess before the next.
    private var pause = 1

    /// Tokens that have to occur before: as many as this at best, and two at least.
    private static let longestMatch = 4
    /// Tokens among which they are looked for, and that pass behind wrong guesses.
    private static let (window, longestPause) = (16_384, 64)

    /// - Parameter most: tokens of a guess at most
    package init(most: Int) { self.most = most }

    /// The guess of the tokens that follow; none if nothing like the last tokens occurred before.
    ///
    /// - Parameter limit: how many may follow
    package func guess(behind tokens: [Int32], atMost limit: Int) -> [Int32] {
        let count = min(most, limit)
        guard count > 0, tokens.count >= next, let start = Self.match(in: tokens) else { return [] }
        var guess: [Int32] = []
        while guess.count < count {
            let place = start + guess.count
            // A match that reaches the end goes on with the guess.
            guess.append(place < tokens.count ? tokens[place] : guess[place - tokens.count])
        }
        return guess
    }

    /// Takes note of how many tokens of a guess were right, behind which there are so many tokens.
    package mutating func note(right: Int, tokens: Int) {
        guard right == 0 else {
            (next, pause) = (0, 1)
            return
        }
        next = tokens + pause
        pause = min(Self.longestPause, 2 * pause)
    }

    /// The place behind the longest match of the last tokens, of equally long ones the last.
    private static func match(in tokens: [Int32]) -> Int? {
        tokens.withUnsafeBufferPointer { tokens in
            let end = tokens.count
            guard end > 2 else { return nil }
            let (last, before) = (tokens[end - 1], tokens[end - 2])
            var best: (place: Int, length: Int)?
            for place in stride(from: end - 1, through: max(2, end - window), by: -1)
            where tokens[place - 1] == last && tokens[place - 2] == before {
                var length = 2
                while length < longestMatch, length < place, tokens[place - 1 - length] == tokens[end - 1 - length] {
                    length += 1
                }
                if length > best?.length ?? 0 { best = (place, length) }
                if length == longestMatch { break }
            }
            return best?.place
        }
    }
}
