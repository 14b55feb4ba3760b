#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the tokens with which a beam may go on, one beam after the other.
///
/// Its memory is kept from beam to beam. One thread at a time may use it.
package struct CandidateFinder: Sendable {
    private let doSample: Bool
    private let generator: CounterGenerator
    private let count: Int
    private var processing: ScoreProcessing
    private var selection = ScoreSelection()

    init(_ settings: GenerationSettings, promptLength: Int, seed: UInt64, limit: Int) {
        doSample = settings.doSample
        generator = CounterGenerator(seed: seed)
        count = settings.candidates
        processing = ScoreProcessing(settings, promptLength: promptLength, limit: limit)
    }

    /// The best candidates of a beam, or some that are drawn, the best or the first drawn first; none if the settings
    /// leave no token.
    ///
    /// - Parameters:
    ///   - row: the scores of all tokens of the vocabulary, which are overwritten
    ///   - parent: the place of the beam
    mutating func candidates(
        _ row: Scores, of beam: RunningBeam, at parent: Int
    ) throws(PipelineError) -> [BeamCandidate] {
        try row.normalize()
        guard try processing.rewrite(row, after: beam.history) else { return [] }
        for index in row.indices { row[index] += beam.score }
        return doSample ? drawn(row, parent, beam) : likeliest(row, parent)
    }

    private mutating func likeliest(_ row: Scores, _ parent: Int) -> [BeamCandidate] {
        selection.sorted(count, of: row).map {
            BeamCandidate(parent: parent, token: $0.id, score: $0.score, rank: $0.score)
        }
    }

    /// Draws candidates without replacement: the greatest sums of scores and Gumbel noise. (Kool et al. 2019,
    /// "Stochastic Beams and Where to Find Them")
    private mutating func drawn(_ row: Scores, _ parent: Int, _ beam: RunningBeam) -> [BeamCandidate] {
        let position = beam.history.tokens.count
        selection.begin(count)
        for index in row.indices where row[index] > -.infinity {
            let uniform = generator.uniform(
                position: position, choice: parent, index: UInt32(truncatingIfNeeded: index))
            guard row[index] + Self.mostNoise(of: uniform) >= selection.threshold else { continue }
            selection.offer(row[index] - Float(log(-log(uniform))), of: index)
        }
        return selection.sorted().map {
            BeamCandidate(parent: parent, token: $0.id, score: row[Int($0.id)], rank: $0.score)
        }
    }

    /// A number that the noise of a uniform one is below: -log(-log u) ≤ -log(1 - u), of which the exponent alone is
    /// looked at.
    private static func mostNoise(of uniform: Double) -> Float { Float(1 - (1 - uniform).exponent) * 0.7 }
}
