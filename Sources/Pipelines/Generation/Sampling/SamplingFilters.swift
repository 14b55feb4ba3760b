#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Temperature and the filters of sampling, in the order of `generate`.
struct SamplingFilters: Sendable {
    private let settings: GenerationSettings
    private let temperature: Float
    /// The number of tokens that each filter leaves at least.
    private let least: Int

    /// `top_h` looks at so many tokens.
    private static let topHTokens = 100

    init(_ settings: GenerationSettings) {
        self.settings = settings
        temperature = Float(settings.temperature)
        // A beam that takes an end token needs another to go on with.
        least = settings.numBeams > 1 ? max(2, settings.eosTokenIds.count + 1) : 1
    }

    /// Makes the distribution of the scores.
    ///
    /// - Parameter greatest: the greatest score, which is finite
    func apply(to all: Scores, greatest: Float, into tokens: inout TokenDistribution) {
        take(all, greatest: greatest, into: &tokens)
        if let topH = settings.topH {
            tokens.keepTopH(topH, among: Self.topHTokens)
            tokens.keepTopK(topK)
        }
        if settings.topP < 1, !tokens.isNucleus { tokens.keepTopP(settings.topP, atLeast: least) }
        if let minP = settings.minP { tokens.keepMinP(minP, atLeast: least) }
        if settings.typicalP < 1 { tokens.keepTypicalP(settings.typicalP, atLeast: least) }
        if settings.epsilonCutoff > 0, settings.epsilonCutoff < 1 {
            tokens.keepProbable(settings.epsilonCutoff, atLeast: least)
        }
        if settings.etaCutoff > 0, settings.etaCutoff < 1 {
            let eta = min(settings.etaCutoff, settings.etaCutoff.squareRoot() * exp(-tokens.entropy))
            tokens.keepProbable(eta, atLeast: least)
        }
    }

    /// From here on so many tokens are near to the greatest that it is faster not to move them.
    private static let flat: Float = 6

    /// True if no filter follows `top_p`.
    private var isTopPAlone: Bool {
        settings.minP == nil && settings.typicalP >= 1 && settings.epsilonCutoff <= 0 && settings.etaCutoff <= 0
            && least == 1
    }

    private var topK: Int { settings.topK == 0 ? .max : max(settings.topK, least) }

    /// Takes the tokens that the first filter may leave. A temperature does not change which are the likeliest, so that
    /// only these have to be divided by it.
    private func take(_ all: Scores, greatest: Float, into tokens: inout TokenDistribution) {
        let most = settings.topH == nil ? topK : Self.topHTokens
        if most < all.count || settings.topH != nil {
            tokens.take(most, of: all)
            weigh(&tokens)
        } else if settings.topP < 1 {
            takeTopP(all, greatest: greatest, into: &tokens)
        } else {
            // What min_p leaves is known beforehand, but for rounding.
            let distance = least > 1 ? .infinity : 0.001 - Float(log(settings.minP ?? 0))
            tokens.take(from: greatest - distance * temperature, of: all)
            weigh(&tokens)
        }
    }

    /// Takes tokens near to the greatest, and all only if these have not the probability that `top_p` asks for. The
    /// flatter the distribution, the more tokens have to be near.
    private func takeTopP(_ all: Scores, greatest: Float, into tokens: inout TokenDistribution) {
        let total = all.sumOfExponentials(less: greatest, dividedBy: temperature)
        let near = 3 + Float(log(total))
        if isTopPAlone, near > Self.flat {
            let input = Nucleus.Input(
                scores: all, greatest: greatest, temperature: temperature, total: total, distances: (near, near + 4))
            if tokens.takeNucleus(settings.topP, of: input) { return }
        }
        for distance in [near, near + 4, near + 10, .infinity] {
            tokens.take(from: greatest - distance * temperature, of: all)
            weigh(&tokens)
            tokens.neglect(total: total)
            if tokens.total >= settings.topP * total * 1.000_01, tokens.count >= least { return }
        }
        tokens.neglect(total: 0)
    }

    private func weigh(_ tokens: inout TokenDistribution) {
        if temperature != 1 { tokens.change { $0.score /= temperature } }
        tokens.weigh()
    }
}
