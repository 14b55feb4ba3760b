/// Tokens of a vocabulary, a bit for each.
struct TokenBits: Sendable {
    fileprivate(set) var words: [UInt64]

    /// None of so many tokens.
    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    /// - Precondition: the token is one of the vocabulary
    mutating func insert(_ token: Int32) { words[Int(token) / 64] |= 1 << UInt64(token % 64) }

    /// - Precondition: the token is one of the vocabulary
    mutating func remove(_ token: Int32) { words[Int(token) / 64] &= ~(1 << UInt64(token % 64)) }

    /// Inserts the tokens of another set of the vocabulary.
    mutating func formUnion(_ other: TokenBits) {
        for index in words.indices where index < other.words.count { words[index] |= other.words[index] }
    }
}

/// The tokens that may come next: a bit for each of a vocabulary.
package final class TokenMask: Sendable {
    private let bits: TokenBits
    private var words: [UInt64] { bits.words }
    /// True if no token may come.
    package let isEmpty: Bool

    init(_ bits: TokenBits) {
        self.bits = bits
        isEmpty = bits.words.allSatisfy { $0 == 0 }
    }

    /// Tells whether a token may come.
    package func contains(_ id: Int32) -> Bool {
        id >= 0 && Int(id) < words.count * 64 && words[Int(id) / 64] >> UInt64(id % 64) & 1 != 0
    }

    /// Sets the scores of all tokens that may not come to -infinity.
    package func apply(to scores: UnsafeMutableBufferPointer<Float>) {
        for start in stride(from: 0, to: scores.count, by: 64) {
            let end = min(start + 64, scores.count)
            let allowed = start / 64 < words.count ? words[start / 64] : 0
            if allowed == 0 {
                scores[start..<end].update(repeating: -.infinity)
                continue
            }
            var forbidden = ~allowed
            while forbidden != 0 {
                let index = start + forbidden.trailingZeroBitCount
                guard index < end else { break }
                scores[index] = -.infinity
                forbidden &= forbidden - 1
            }
        }
    }

    /// Adds the tokens to others.
    func merge(into other: inout TokenBits) { other.formUnion(bits) }
}
