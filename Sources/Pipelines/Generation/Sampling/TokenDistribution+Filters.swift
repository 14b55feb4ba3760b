#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The filters of `transformers.generation.logits_process`.
extension TokenDistribution {
    /// Keeps the likeliest tokens, and those that equal the least of them. (`TopKLogitsWarper`)
    mutating func keepTopK(_ count: Int) {
        guard count < ids.count else { return }
        let least = score(at: count)
        keep { $0.score >= least }
    }

    /// Keeps the likeliest tokens as long as the sum of their parts of the entropy is at most the share `topH` of it.
    /// (`TopHLogitsWarper`; Potraghloo et al. 2025, "Top-H Decoding")
    ///
    /// - Parameter count: how many of the likeliest there are at all
    mutating func keepTopH(_ topH: Double, among count: Int) {
        let order = ids.indices.sorted { (scores[$0], ids[$1]) > (scores[$1], ids[$0]) }.prefix(count)
        let total = order.reduce(0) { $0 + Double(weights[$1]) }
        let parts = order.map { place in
            let probability = Double(weights[place]) / total
            return probability > 0 ? -probability * log(probability) : 0
        }
        let most = parts.reduce(0, +) * topH
        var (sum, kept) = (0.0, Set<Int32>())
        for (place, part) in zip(order, parts) {
            sum += part
            guard kept.isEmpty || sum <= most else { break }
            kept.insert(ids[place])
        }
        keep { kept.contains($0.id) }
    }

    /// Keeps the likeliest tokens until they have the probability `topP` together, of equal ones the first.
    /// (`TopPLogitsWarper`; Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration")
    mutating func keepTopP(_ topP: Double, atLeast least: Int) {
        order { -$0 }
        let boundary = boundary(ofMass: topP)
        let required = least > 1 ? score(at: least) : .infinity
        var equals = boundary.equals
        keep { token in
            if token.score >= required || token.key < boundary.key { return true }
            guard token.key == boundary.key, equals > 0 else { return false }
            equals -= 1
            return true
        }
    }

    /// Keeps the tokens whose probability is at least a share of the greatest. (`MinPLogitsWarper`; Nguyen et al. 2024,
    /// "Turning Up the Heat")
    mutating func keepMinP(_ minP: Double, atLeast least: Int) {
        let share = Float(minP) * (weights.max() ?? 0)
        let required = score(at: least)
        keep { $0.weight >= share || $0.score >= required }
    }

    /// Keeps the tokens whose surprise is nearest to the entropy, until they have the probability `typicalP` together.
    /// (`TypicalLogitsWarper`; Meister et al. 2022, "Locally Typical Sampling")
    mutating func keepTypicalP(_ typicalP: Double, atLeast least: Int) {
        let (entropy, normalizer) = (entropy, log(total) + Double(scores.max() ?? 0))
        order { Float(abs(normalizer - Double($0) - entropy)) }
        let boundary = boundary(ofMass: typicalP).key
        let required = least > 1 ? keys.sorted().prefix(least).last ?? 0 : boundary
        keep { $0.key <= max(boundary, required) }
        weigh()
    }

    /// Keeps the tokens of at least this probability. (`EpsilonLogitsWarper`; with a bound that depends on the entropy,
    /// `EtaLogitsWarper`; Hewitt et al. 2022, "Truncation Sampling as Language Model Desmoothing")
    mutating func keepProbable(_ probability: Double, atLeast least: Int) {
        let share = Float(probability * total)
        let required = score(at: least)
        keep { $0.weight >= share || $0.score >= required }
    }

    /// The entropy of the distribution, in nats.
    var entropy: Double {
        let greatest = Double(scores.max() ?? 0)
        var sum = 0.0
        for index in weights.indices { sum += Double(weights[index]) * (Double(scores[index]) - greatest) }
        return log(total) - sum / total
    }

    /// The score at place `count` from the greatest; the least if they are fewer.
    private func score(at count: Int) -> Float {
        if count == 1 { return scores.max() ?? 0 }
        return scores.sorted(by: >).prefix(count).last ?? 0
    }

    /// Where the weights in the order of their keys reach a share of their sum.
    private func boundary(ofMass share: Double) -> MassBoundary {
        keys.withUnsafeBufferPointer { keys in
            weights.withUnsafeBufferPointer { MassBoundary(keys: keys, weights: $0, mass: share * total) }
        }
    }
}
