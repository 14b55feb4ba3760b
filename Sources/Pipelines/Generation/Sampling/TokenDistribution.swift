/// The tokens from which one is drawn, with their scores: what is left of all after the filters of sampling.
///
/// All that the filters need is kept from token to token, so that nothing is allocated.
struct TokenDistribution: Sendable {
    private var selection = ScoreSelection()
    /// The tokens, in their order.
    private(set) var ids: [Int32] = []
    private(set) var scores: [Float] = []
    /// The probability of each, times ``total``.
    private(set) var weights: [Float] = []
    private(set) var total = 0.0
    /// What a filter orders the tokens by, the least first.
    private(set) var keys: [Float] = []

    /// One of the tokens.
    struct Token {
        let id: Int32
        let score: Float
        let weight: Float
        let key: Float
    }

    /// Takes the greatest scores, and those that equal the least of these.
    mutating func take(_ count: Int, of all: Scores) {
        selection.select(count, of: all)
        removeAll()
        ids.append(contentsOf: selection.ids)
        scores.append(contentsOf: selection.scores)
    }

    /// Takes all finite scores.
    mutating func takeAll(of all: Scores) {
        removeAll()
        for index in all.indices where all[index] > -.infinity {
            ids.append(Int32(truncatingIfNeeded: index))
            scores.append(all[index])
        }
    }

    /// Divides the scores.
    mutating func divide(by divisor: Float) {
        for index in scores.indices { scores[index] /= divisor }
    }

    /// Computes the weights of the scores.
    mutating func weigh() {
        let count = scores.count
        weights.removeAll(keepingCapacity: true)
        weights.append(contentsOf: repeatElement(0, count: count))
        keys.removeAll(keepingCapacity: true)
        keys.append(contentsOf: repeatElement(0, count: count))
        total = 0
        let greatest = scores.max() ?? 0
        scores.withUnsafeMutableBufferPointer { scores in
            weights.withUnsafeMutableBufferPointer { weights in
                for start in stride(from: 0, to: count, by: Scores.lanes) {
                    let end = min(count, start + Scores.lanes)
                    var lanes = SIMD16<Float>(repeating: -.infinity)
                    if end - start == Scores.lanes {
                        lanes = scores.vector(at: start)
                    } else {
                        for index in start..<end { lanes[index - start] = scores[index] }
                    }
                    let powers = Exponential.of(lanes - greatest)
                    for index in start..<end { weights[index] = powers[index - start] }
                    total += Double(powers.sum())
                }
            }
        }
    }

    /// Computes the key of each token.
    mutating func order(by key: (_ score: Float) -> Float) {
        for index in scores.indices { keys[index] = key(scores[index]) }
    }

    /// Keeps the tokens of which `isKept` is true.
    mutating func keep(where isKept: (Token) -> Bool) {
        var kept = 0
        total = 0
        for index in ids.indices {
            let token = Token(id: ids[index], score: scores[index], weight: weights[index], key: keys[index])
            guard isKept(token) else { continue }
            (ids[kept], scores[kept], weights[kept], keys[kept]) = (token.id, token.score, token.weight, token.key)
            total += Double(token.weight)
            kept += 1
        }
        ids.removeLast(ids.count - kept)
        scores.removeLast(scores.count - kept)
        weights.removeLast(weights.count - kept)
        keys.removeLast(keys.count - kept)
    }

    /// The token in which the share `uniform` of the sum of the weights ends; the last if there is none.
    func token(at uniform: Double) -> Int32 {
        var left = uniform * total
        for index in weights.indices {
            left -= Double(weights[index])
            if left < 0 { return ids[index] }
        }
        // Rounding alone leads here.
        return weights.lastIndex { $0 > 0 }.map { ids[$0] } ?? ids.first ?? 0
    }

    /// Writes the scores back among those of all tokens, of which the others have none.
    func write(to all: Scores) {
        all.fill(with: -.infinity)
        for (id, score) in zip(ids, scores) { all.set(id, to: score) }
    }

    private mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
    }
}
