/// The tokens from which one is drawn: what is left of all after the filters of sampling.
///
/// Its memory is kept from place to place, so that nothing is allocated.
struct TokenDistribution: Sendable {
    /// One of the tokens.
    struct Token {
        var id: Int32 = 0
        var score: Float = 0
        /// The probability, times ``TokenDistribution/total``.
        var weight: Float = 0
        /// The number that a filter orders the tokens by, the least first.
        var key: Float = 0
    }

    private var selection = ScoreSelection()
    private var nucleus = Nucleus()
    private var temperature: Float = 1
    /// True if the tokens are those of ``Nucleus``, and the filter `top_p` has been applied.
    private(set) var isNucleus = false
    /// The tokens in the order of their ids, and behind them room for more.
    private var storage: [Token] = []
    private(set) var count = 0
    /// The sum of the weights.
    private(set) var total = 0.0
    /// The greatest score, which has the weight 1.
    private(set) var greatest: Float = 0
    /// The sum of the weights of tokens that are so unlikely that the next filter need not see them.
    private(set) var neglected = 0.0

    /// The tokens.
    var tokens: ArraySlice<Token> { storage[..<count] }

    private func read<Result>(_ body: (UnsafeBufferPointer<Token>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<count])) }
    }

    // MARK: Taking tokens

    /// Takes the greatest scores, and those that equal the least of these.
    mutating func take(_ most: Int, of all: Scores) {
        isNucleus = false
        selection.select(most, of: all)
        (count, neglected) = (selection.ids.count, 0)
        reserve(count)
        for index in 0..<count {
            (storage[index].id, storage[index].score) = (selection.ids[index], selection.scores[index])
        }
    }

    /// Takes the finite scores that are not below `least`.
    mutating func take(from least: Float, of all: Scores) {
        isNucleus = false
        reserve(all.count)
        let least = max(least, -Float.greatestFiniteMagnitude)
        let taken = storage.withUnsafeMutableBufferPointer { storage in
            var taken = 0
            let wholes = all.count - all.count % Scores.lanes
            for start in stride(from: 0, to: wholes, by: Scores.lanes) where any(all.vector(at: start) .>= least) {
                for index in start..<start + Scores.lanes {
                    storage[taken].id = Int32(truncatingIfNeeded: index)
                    storage[taken].score = all[index]
                    taken += all[index] >= least ? 1 : 0
                }
            }
            for index in wholes..<all.count where all[index] >= least {
                (storage[taken].id, storage[taken].score) = (Int32(truncatingIfNeeded: index), all[index])
                taken += 1
            }
            return taken
        }
        (count, neglected) = (taken, 0)
    }

    /// Takes the likeliest tokens that together have the probability `topP`. No other filter can follow.
    ///
    /// - Returns: whether it could; if not, nothing is taken.
    mutating func takeNucleus(_ topP: Double, of input: Nucleus.Input) -> Bool {
        isNucleus = nucleus.take(topP, of: input)
        (count, temperature) = (0, input.temperature)
        return isNucleus
    }

    /// Says that other tokens have weights, too, of this sum together with those that were taken.
    mutating func neglect(total: Double) { neglected = max(0, total - self.total) }

    private mutating func reserve(_ count: Int) {
        // A whole vector is written before it is known how many of it are taken.
        let missing = count + Scores.lanes - storage.count
        if missing > 0 { storage.append(contentsOf: repeatElement(Token(), count: missing)) }
    }

    // MARK: Changing and keeping them

    /// Changes each token.
    mutating func change(_ change: (inout Token) -> Void) {
        storage.withUnsafeMutableBufferPointer { storage in
            for index in 0..<count { change(&storage[index]) }
        }
    }

    /// Computes the weights of the scores.
    mutating func weigh() {
        greatest = read { tokens in
            var greatest = -Float.infinity
            for token in tokens { greatest = max(greatest, token.score) }
            return greatest
        }
        let (count, greatest) = (count, greatest)
        total = storage.withUnsafeMutableBufferPointer { storage in
            withUnsafeTemporaryAllocation(of: SIMD16<Float>.self, capacity: 1) { vector in
                let lanes = UnsafeMutableRawBufferPointer(vector).assumingMemoryBound(to: Float.self)
                var total = 0.0
                for start in stride(from: 0, to: count, by: Scores.lanes) {
                    let end = min(Scores.lanes, count - start)
                    if end < Scores.lanes { lanes.update(repeating: -.infinity) }
                    for lane in 0..<end { lanes[lane] = storage[start + lane].score - greatest }
                    vector[0] = Exponential.of(vector[0])
                    for lane in 0..<end { storage[start + lane].weight = lanes[lane] }
                    total += Double(vector[0].sum())
                }
                return total
            }
        }
    }

    /// Keeps the tokens of which `isKept` is true.
    mutating func keep(where isKept: (Token) -> Bool) {
        (count, total) = storage.withUnsafeMutableBufferPointer { storage in
            var (kept, total) = (0, 0.0)
            for index in 0..<count {
                let token = storage[index]
                let isKept = isKept(token)
                // Written in any case, since which tokens are kept cannot be foreseen.
                storage[kept] = token
                kept += isKept ? 1 : 0
                total += isKept ? Double(token.weight) : 0
            }
            return (kept, total)
        }
        neglected = 0
    }

    /// Returns the place at which the weights in the order of the keys reach a share of the sum of all.
    func boundary(ofMass share: Double) -> MassBoundary {
        read { MassBoundary($0, mass: share * (total + neglected)) }
    }

    // MARK: The result

    /// The token in which the share `uniform` of the sum of the weights ends; the last if there is none.
    func token(at uniform: Double) -> Int32 {
        if isNucleus { return nucleus.token(at: uniform) }
        return read { tokens in
            var left = uniform * total
            var last: Int32 = 0
            for token in tokens where token.weight > 0 {
                left -= Double(token.weight)
                if left < 0 { return token.id }
                last = token.id
            }
            // Rounding alone leads here.
            return last
        }
    }

    /// Writes the scores back among those of all tokens, of which the others have none.
    func write(to all: Scores) {
        if isNucleus { return nucleus.write(to: all, temperature: temperature) }
        all.fill(with: -.infinity)
        for token in tokens { all.set(token.id, to: token.score) }
    }
}
