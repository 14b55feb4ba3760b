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
/// The search has one beam at first. Whoever computes finds the candidates of each beam of ``beams`` by a row of
/// scores, on any thread, and learns by ``step(_:)`` which token each of the next beams appends to which of the present
/// ones.
package struct BeamSearch: Sendable {
    private let settings: GenerationSettings
    private let promptLength: Int
    private let seed: UInt64
    private let limit: Int
    /// Tokens of prompt and answer together at which an answer ends.
    private let longest: Int
    private var found: FoundBeams
    /// Beams that go on, the best first.
    private var running: [RunningBeam]

    /// True once the search has ended.
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
        (self.settings, self.seed, self.limit) = (settings, seed, limit)
        promptLength = prompt.count
        longest = settings.longest(promptLength: prompt.count, limit: limit)
        found = FoundBeams(settings)
        running = [RunningBeam(history: TokenHistory(prompt: prompt), score: 0, text: text)]
    }

    /// The tokens of the beams that go on, those of the prompt included.
    package var beams: [[Int32]] { running.map(\.history.tokens) }

    /// A new finder of candidates, of which each thread has one.
    package var finder: CandidateFinder {
        CandidateFinder(settings, promptLength: promptLength, seed: seed, limit: limit)
    }

    /// Finds the candidates of a beam.
    ///
    /// - Parameters:
    ///   - row: the scores of all tokens of the vocabulary, which are overwritten
    ///   - beam: its place
    /// - Throws: ``PipelineError`` for scores that are no numbers, and if the settings make them infinite.
    package func candidates(
        _ row: UnsafeMutableBufferPointer<Float>, of beam: Int, by finder: inout CandidateFinder
    ) throws(PipelineError) -> [BeamCandidate] {
        try finder.candidates(row, of: running[beam], at: beam)
    }

    /// Makes a step.
    ///
    /// - Parameter candidates: those of each beam
    /// - Returns: the next beams; none if the search is done.
    /// - Throws: ``PipelineError`` if the settings leave no token to any beam before there is an answer.
    package mutating func step(_ candidates: [[BeamCandidate]]) throws(PipelineError) -> [Continuation] {
        precondition(candidates.count == running.count && !isDone, "a list for each beam")
        let best = BeamCandidate.best(settings.candidates, of: candidates)
        let tokens = running.first?.history.tokens.count ?? promptLength
        guard !best.isEmpty || !found.answers.isEmpty else { throw .noToken(behind: tokens) }
        let length = tokens + 1
        let ends = best.map { candidate in
            running[candidate.parent].end(with: candidate.token, settings, isLongest: length >= longest)
        }
        found.add(zip(best, ends).map { ($0.score, $1.reason) }, tokens: length - promptLength) { [running] place in
            Array(running[best[place].parent].history.generated) + [best[place].token]
        }
        let goingOn = zip(best, ends).filter { $1.reason == nil }.sorted { $0.0.score > $1.0.score }
            .prefix(settings.numBeams)
        running = goingOn.map { candidate, end in
            running[candidate.parent].appending(candidate.token, score: candidate.score, text: end.text)
        }
        isDone = running.isEmpty || !canImprove(tokens: length - promptLength)
        return isDone ? [] : goingOn.map { Continuation(parent: $0.0.parent, token: $0.0.token) }
    }

    /// The answers that were found, the best first: as many as are to be returned, or fewer if there are no more.
    package var answers: [BeamAnswer] { Array(found.answers.prefix(settings.numReturnSequences)) }

    /// Tells whether a running beam may become better than an answer that was found.
    private mutating func canImprove(tokens: Int) -> Bool {
        guard let best = running.first?.score else { return false }
        let isLength = settings.earlyStopping == .never && settings.lengthPenalty > 0
        let hypothetical = Double(isLength ? longest - promptLength : tokens)
        return found.isOpen(to: best / Float(pow(hypothetical, settings.lengthPenalty)))
    }
}
