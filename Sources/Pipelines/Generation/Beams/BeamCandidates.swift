#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the tokens with which beams may go on.
struct BeamCandidates: Sendable {
    private let doSample: Bool
    private let generator: CounterGenerator
    /// How many there are: enough to go on with all beams if each of them ends with each of the end tokens.
    private let count: Int
    private var processing: ScoreProcessing
    private var selection = ScoreSelection()
    private var scores: [Float] = []

    /// A token for a beam.
    struct Candidate {
        let parent: Int
        let token: Int32
        /// The score of the beam with the token.
        let score: Float
        /// What candidates are ordered by.
        let rank: Float
    }

    init(_ settings: GenerationSettings, promptLength: Int, seed: UInt64, limit: Int) {
        doSample = settings.doSample
        generator = CounterGenerator(seed: seed)
        count = max(2, 1 + settings.eosTokenIds.count) * settings.numBeams
        processing = ScoreProcessing(settings, promptLength: promptLength, limit: limit)
    }

    /// The best candidates for all beams together, or some that are drawn, the best or the first drawn first.
    mutating func best(_ rows: [Scores], of beams: [RunningBeam]) throws(PipelineError) -> [Candidate] {
        var candidates: [Candidate] = []
        for (parent, beam) in beams.enumerated() {
            let row = rows[parent]
            try row.normalize()
            guard try processing.rewrite(row, after: beam.history) else { continue }
            for index in row.indices { row[index] += beam.score }
            candidates += doSample ? drawn(row, parent, beam) : likeliest(row, parent)
        }
        let order = candidates.sorted { ($0.rank, $1.parent, $1.token) > ($1.rank, $0.parent, $0.token) }
        return Array(order.prefix(count))
    }

    private mutating func likeliest(_ row: Scores, _ parent: Int) -> [Candidate] {
        selection.sorted(count, of: row).map {
            Candidate(parent: parent, token: $0.id, score: $0.score, rank: $0.score)
        }
    }

    /// Draws candidates without replacement: the greatest sums of scores and Gumbel noise. (Kool et al. 2019,
    /// "Stochastic Beams and Where to Find Them")
    private mutating func drawn(_ row: Scores, _ parent: Int, _ beam: RunningBeam) -> [Candidate] {
        scores.removeAll(keepingCapacity: true)
        scores.append(contentsOf: row)
        let position = beam.history.tokens.count
        for index in row.indices where row[index] > -.infinity {
            let uniform = generator.uniform(
                position: position, choice: parent, index: UInt32(truncatingIfNeeded: index))
            row[index] -= Float(log(-log(uniform)))
        }
        return selection.sorted(count, of: row).map {
            Candidate(parent: parent, token: $0.id, score: scores[Int($0.id)], rank: $0.score)
        }
    }
}
