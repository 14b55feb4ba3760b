#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A beam search over rows of scores: which beams go on, from which of the last step, and which answers are found. (As
/// `_beam_search` of `generate`.)
///
/// The search has one beam at first. Whoever computes gives each step a row of scores for each beam of ``beams``, in
/// their order, and learns by ``step(_:)`` which token each of the next beams appends to which of the present ones.
package struct BeamSearch: Sendable {
    private let settings: GenerationSettings
    private let promptLength: Int
    /// Tokens of prompt and answer together at which an answer ends.
    private let longest: Int
    private var candidates: BeamCandidates
    private var found: FoundBeams
    /// Beams that go on, the best first.
    private var running: [RunningBeam]

    /// Whether the search has ended.
    package private(set) var isDone = false

    /// A beam of the next step: a token, appended to a beam of the present one.
    package struct Continuation: Sendable, Equatable {
        /// The place of the present beam.
        package let parent: Int
        package let token: Int32
    }

    /// - Parameters:
    ///   - settings: of the request
    ///   - prompt: the tokens of the prompt
    ///   - seed: what random numbers depend on, if beams are drawn
    ///   - limit: tokens of prompt and answer together that the model takes
    ///   - text: the text of an answer without tokens, which looks for stop strings; nil if there are none
    package init(
        _ settings: GenerationSettings, prompt: [Int32], seed: UInt64, limit: Int = .max, text: TextStream? = nil
    ) {
        self.settings = settings
        promptLength = prompt.count
        longest = settings.longest(promptLength: prompt.count, limit: limit)
        candidates = BeamCandidates(settings, promptLength: prompt.count, seed: seed, limit: limit)
        found = FoundBeams(settings)
        running = [RunningBeam(history: TokenHistory(prompt: prompt), score: 0, text: text)]
    }

    /// The tokens of the beams that go on, those of the prompt included.
    package var beams: [[Int32]] { running.map(\.history.tokens) }

    /// Makes a step.
    ///
    /// - Parameter rows: the scores of all tokens of the vocabulary for each beam, which are overwritten
    /// - Returns: the next beams; none if the search is done.
    /// - Throws: ``PipelineError`` for scores that are no numbers.
    package mutating func step(
        _ rows: [UnsafeMutableBufferPointer<Float>]
    ) throws(PipelineError) -> [Continuation] {
        precondition(rows.count == running.count && !isDone, "a row for each beam")
        let best = try candidates.best(rows, of: running)
        let length = (running.first?.history.tokens.count ?? promptLength) + 1
        let ends = best.map { candidate in
            let beam = running[candidate.parent].appending(candidate.token, score: candidate.score)
            return (beam: beam, reason: beam.finishReason(settings, isLongest: length >= longest))
        }
        found.add(ends, tokens: length - promptLength)
        let goingOn = zip(best, ends).filter { $0.1.reason == nil }.sorted { $0.0.score > $1.0.score }
            .prefix(settings.numBeams)
        running = goingOn.map(\.1.beam)
        isDone = running.isEmpty || !canImprove(tokens: length - promptLength)
        return isDone ? [] : goingOn.map { Continuation(parent: $0.0.parent, token: $0.0.token) }
    }

    /// The answers that were found, the best first: as many as are to be returned, or fewer if there are no more.
    package var answers: [BeamAnswer] { Array(found.answers.prefix(settings.numReturnSequences)) }

    /// Whether a running beam may become better than an answer that was found.
    private mutating func canImprove(tokens: Int) -> Bool {
        guard let best = running.first?.score else { return false }
        let isLength = settings.earlyStopping == .never && settings.lengthPenalty > 0
        let hypothetical = Double(isLength ? longest - promptLength : tokens)
        return found.isOpen(to: best / Float(pow(hypothetical, settings.lengthPenalty)))
    }
}
