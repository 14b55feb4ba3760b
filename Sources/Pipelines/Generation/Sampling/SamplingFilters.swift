#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What temperature and the filters of sampling leave of the scores, in the order of `generate`.
struct SamplingFilters: Sendable {
    private let settings: GenerationSettings
    /// How many tokens each filter leaves at least.
    private let least: Int

    /// `top_h` looks at so many tokens.
    private static let topHTokens = 100

    init(_ settings: GenerationSettings) {
        self.settings = settings
        // A beam that takes an end token needs another to go on with.
        least = settings.numBeams > 1 ? max(2, settings.eosTokenIds.count + 1) : 1
    }

    /// Makes the distribution of the scores, of which one at least is finite.
    func apply(to all: Scores, into tokens: inout TokenDistribution) {
        // A temperature does not change which tokens are the likeliest, so that fewer have to be divided by it.
        let topK = settings.topK == 0 ? Int.max : max(settings.topK, least)
        let first = settings.topH == nil ? topK : Self.topHTokens
        if first < all.count { tokens.take(first, of: all) } else { tokens.takeAll(of: all) }
        if settings.temperature != 1 { tokens.divide(by: Float(settings.temperature)) }
        tokens.weigh()
        if let topH = settings.topH {
            tokens.keepTopH(topH, among: Self.topHTokens)
            tokens.keepTopK(topK)
        }
        if settings.topP < 1 { tokens.keepTopP(settings.topP, atLeast: least) }
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
}
