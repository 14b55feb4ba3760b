#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An answer that a beam search has found.
package struct BeamAnswer: Sendable, Equatable {
    /// The generated tokens, an end token included.
    package let tokens: [Int32]
    /// The sum of the scores of its tokens, divided by a power of their number.
    package let score: Float
    package let finishReason: FinishReason
}

/// The best answers that a beam search has found so far, as many as there are beams.
struct FoundBeams: Sendable {
    private let settings: GenerationSettings
    /// The answers, the best first.
    private(set) var answers: [BeamAnswer] = []
    /// True if a running beam could become better than the worst of the answers, when that was last asked.
    private var isImprovable = true

    init(_ settings: GenerationSettings) { self.settings = settings }

    private var isFull: Bool { answers.count >= settings.numBeams }

    /// Adds the beams that end among the best candidates.
    ///
    /// - Parameters:
    ///   - candidates: the scores of the best candidates, with the reasons of those that end
    ///   - tokens: how many tokens their answers have
    ///   - answer: makes the answer of the candidate at a place
    mutating func add(
        _ candidates: [(score: Float, reason: FinishReason?)], tokens: Int, answer: (_ place: Int) -> [Int32]
    ) {
        guard isImprovable, !(isFull && settings.earlyStopping == .always) else { return }
        let divisor = Float(pow(Double(tokens), settings.lengthPenalty))
        // The candidates behind these are there only for beams to go on with.
        for (place, candidate) in candidates.prefix(settings.numBeams).enumerated() {
            guard let reason = candidate.reason else { continue }
            let score = candidate.score / divisor
            let rank = answers.firstIndex { $0.score < score } ?? answers.endIndex
            guard rank < settings.numBeams else { continue }
            answers.insert(BeamAnswer(tokens: answer(place), score: score, finishReason: reason), at: rank)
            answers.removeLast(max(0, answers.count - settings.numBeams))
        }
    }

    /// Tells whether the search goes on, if the best of the running beams has such a score at best.
    mutating func isOpen(to best: Float) -> Bool {
        if isFull, settings.earlyStopping == .always { return false }
        isImprovable = isImprovable && (!isFull || best > answers.last?.score ?? -.infinity)
        return isImprovable
    }
}
