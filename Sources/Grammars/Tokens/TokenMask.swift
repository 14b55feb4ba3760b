/// The tokens that may come next: a bit for each of a vocabulary.
package final class TokenMask: Sendable {
    private let words: [UInt64]
    /// True if no token may come.
    package let isEmpty: Bool

    init(_ words: [UInt64]) {
        self.words = words
        isEmpty = words.allSatisfy { $0 == 0 }
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

    /// Adds the tokens to those of another mask's bits.
    func merge(into other: inout [UInt64]) {
        for index in other.indices where index < words.count { other[index] |= words[index] }
    }
}
