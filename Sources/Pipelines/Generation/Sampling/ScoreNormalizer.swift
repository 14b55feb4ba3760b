#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes logarithms of probabilities of scores: a log-softmax.
struct ScoreNormalizer: Sendable {
    private let greatest: Float
    private let logOfSum: Float

    /// - Throws: ``PipelineError`` for scores that are no numbers.
    init(_ scores: Scores) throws(PipelineError) {
        let greatest = scores.greatest()
        try ScoreProcessing.requireFinite(greatest)
        self.greatest = greatest ?? 0
        logOfSum = Float(log(scores.sumOfExponentials(less: self.greatest)))
    }

    /// Both subtractions are exact to the last bits, also where the greatest score is large.
    func logarithm(of score: Float) -> Float { (score - greatest) - logOfSum }
}
