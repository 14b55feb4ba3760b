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
        (normalizer, top) = try measured(scores, count)
        logits.removeAll(keepingCapacity: true)
        logits.append(contentsOf: scores)
    }

    /// The token that was chosen for the place, with its probability.
    func chosen(_ id: Int32) -> ChosenToken {
        guard let normalizer, logits.indices.contains(Int(id)) else { return ChosenToken(id: id) }
        return ChosenToken(id: id, logprob: normalizer.logarithm(of: logits[Int(id)]), top: top)
    }

    /// The token that stands at the place of these scores, with its probability and its rank.
    mutating func standing(_ id: Int32, by scores: Scores) throws(PipelineError) -> ChosenToken {
        guard let count, scores.indices.contains(Int(id)) else { return ChosenToken(id: id) }
        let (normalizer, top) = try measured(scores, count)
        return ChosenToken(
            id: id, logprob: normalizer.logarithm(of: scores[Int(id)]), top: top, rank: scores.rank(of: Int(id)))
    }

    private mutating func measured(
        _ scores: Scores, _ count: Int
    ) throws(PipelineError) -> (ScoreNormalizer, [TokenLogprob]) {
        let normalizer = try ScoreNormalizer(scores)
        let likeliest = selection.sorted(count, of: scores)
        return (normalizer, likeliest.map { TokenLogprob(id: $0.id, logprob: normalizer.logarithm(of: $0.score)) })
    }
}
