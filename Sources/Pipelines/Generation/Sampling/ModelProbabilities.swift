/// Probabilities of tokens by the model alone, before anything changes its scores, if somebody asked.
struct ModelProbabilities: Sendable {
    /// The number of likeliest tokens that are told; nil if nobody asked.
    private let count: Int?
    private var selection = ScoreSelection()
    private var logits: [Float] = []
    private var normalizer: ScoreNormalizer?
    private var top: [TokenLogprob] = []

    init(top count: Int?) { self.count = count }

    /// Takes the scores of a place.
    mutating func take(_ scores: Scores) throws(PipelineError) {
        guard let count else { return }
        let normalizer = try ScoreNormalizer(scores)
        self.normalizer = normalizer
        top = selection.sorted(count, of: scores).map {
            TokenLogprob(id: $0.id, logprob: normalizer.logarithm(of: $0.score))
        }
        logits.removeAll(keepingCapacity: true)
        logits.append(contentsOf: scores)
    }

    /// The token that was chosen for the place, with its probability.
    func chosen(_ id: Int32) -> ChosenToken {
        guard let normalizer, logits.indices.contains(Int(id)) else { return ChosenToken(id: id) }
        return ChosenToken(id: id, logprob: normalizer.logarithm(of: logits[Int(id)]), top: top)
    }
}
