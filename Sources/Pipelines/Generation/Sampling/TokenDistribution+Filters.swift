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
    mutating func keepTopK(_ most: Int) {
        guard most < count else { return }
        let least = score(at: most)
        keep { $0.score >= least }
    }

    /// Keeps the likeliest tokens as long as the sum of their parts of the entropy is at most the share `topH` of it.
    /// (`TopHLogitsWarper`; Potraghloo et al. 2025, "Top-H Decoding")
    ///
    /// - Parameter most: how many of the likeliest there are at all
    mutating func keepTopH(_ topH: Double, among most: Int) {
        let likeliest = tokens.sorted { ($0.score, $1.id) > ($1.score, $0.id) }.prefix(most)
        let total = likeliest.reduce(0) { $0 + Double($1.weight) }
        let parts = likeliest.map { token in
            let probability = Double(token.weight) / total
            return probability > 0 ? -probability * log(probability) : 0
        }
        let limit = parts.reduce(0, +) * topH
        var (sum, kept) = (0.0, Set<Int32>())
        for (token, part) in zip(likeliest, parts) {
            sum += part
            guard kept.isEmpty || sum <= limit else { break }
            kept.insert(token.id)
        }
        keep { kept.contains($0.id) }
    }

    /// Keeps the likeliest tokens until they have the probability `topP` together, of equal ones the first.
    /// (`TopPLogitsWarper`; Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration")
    mutating func keepTopP(_ topP: Double, atLeast least: Int) {
        change { $0.key = -$0.score }
        let boundary = boundary(ofMass: topP)
        let required = least > 1 ? score(at: least) : .infinity
        var equals = boundary.equals
        keep { token in
            if token.key == boundary.key { equals -= 1 }
            let isBefore = token.key < boundary.key || token.key == boundary.key && equals >= 0
            return isBefore || token.score >= required
        }
    }

    /// Keeps the tokens whose probability is at least a share of the greatest. (`MinPLogitsWarper`; Nguyen et al. 2024,
    /// "Turning Up the Heat")
    mutating func keepMinP(_ minP: Double, atLeast least: Int) {
        let share = Float(minP) * tokens.reduce(0) { max($0, $1.weight) }
        let required = score(at: least)
        keep { $0.weight >= share || $0.score >= required }
    }

    /// Keeps the tokens whose surprise is nearest to the entropy, until they have the probability `typicalP` together.
    /// (`TypicalLogitsWarper`; Meister et al. 2022, "Locally Typical Sampling")
    mutating func keepTypicalP(_ typicalP: Double, atLeast least: Int) {
        let typical = log(total) + Double(greatest) - entropy
        change { $0.key = Float(abs(typical - Double($0.score))) }
        let boundary = boundary(ofMass: typicalP).key
        let required = least > 1 ? tokens.map(\.key).sorted().prefix(least).last ?? 0 : boundary
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
        let sum = tokens.reduce(0) { $0 + Double($1.weight) * (Double($1.score) - Double(greatest)) }
        return log(total) - sum / total
    }

    /// The score at a place from the greatest; the least if there are fewer.
    private func score(at place: Int) -> Float {
        if place == 1 { return tokens.reduce(-.infinity) { max($0, $1.score) } }
        return tokens.map(\.score).sorted(by: >).prefix(place).last ?? 0
    }
}
