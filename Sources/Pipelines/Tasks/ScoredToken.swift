/// A token and how likely it is.
package struct ScoredToken: Sendable {
    let token: Int
    let score: Float

    /// The `count` highest of some scores, or of all, highest first and the lower token first where they are equal.
    ///
    /// - Parameter tokens: those to choose from, ascending; nil for all.
    static func likeliest(
        _ count: Int, of tokens: [Int]?, _ scores: UnsafeMutableBufferPointer<Float>
    ) -> [ScoredToken] {
        var best: [ScoredToken] = []
        guard count > 0 else { return best }
        // Candidates gather up to twice the count, then the better half stays: time linear in the scores.
        best.reserveCapacity(2 * count)
        var threshold = -Float.infinity
        func keepBest() {
            best.sort { $0.score > $1.score || ($0.score == $1.score && $0.token < $1.token) }
            best.removeLast(max(0, best.count - count))
            if best.count == count, let last = best.last { threshold = last.score }
        }
        func consider(_ token: Int) {
            let score = scores[token]
            guard score > threshold else { return }
            best.append(ScoredToken(token: token, score: score))
            if best.count == 2 * count { keepBest() }
        }
        if let tokens { tokens.forEach(consider) } else { scores.indices.forEach(consider) }
        keepBest()
        return best
    }
}
