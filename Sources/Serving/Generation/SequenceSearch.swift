import PenstockCompute
import PenstockModels
import PenstockPipelines
import Synchronization

/// The beam search of a sequence: what the beams append, and the candidates of a step until those of all beams are
/// there.
final class SequenceSearch {
    private var search: BeamSearch
    /// The token that each beam has to compute next; none before the first step.
    private(set) var tokens: [Int32] = []
    private let shared = Mutex(Shared())

    /// State of the threads that find candidates of different beams at a time.
    private struct Shared {
        var finders: [CandidateFinder] = []
        var candidates: [Int: Result<[BeamCandidate], PipelineError>] = [:]
    }

    init(_ search: BeamSearch) { self.search = search }

    /// Finds the candidates of a beam. Those of several are found on several threads at a time.
    ///
    /// - Parameter logits: of the last token of the beam; overwritten
    func choose(_ logits: UnsafeMutableBufferPointer<Float>, of beam: Int) {
        var finder = shared.withLock { $0.finders.popLast() } ?? search.finder
        let found: Result<[BeamCandidate], PipelineError>
        do throws(PipelineError) {
            found = .success(try search.candidates(logits, of: beam, by: &finder))
        } catch {
            found = .failure(error)
        }
        shared.withLock { shared in
            shared.finders.append(finder)
            shared.candidates[beam] = found
        }
    }

    /// Makes a step, once the candidates of all beams are there.
    ///
    /// - Returns: the pages of the next beams, those of present ones or copies of them; none if the search is done.
    /// - Throws: `PipelineError` for scores that are no numbers, and for settings that leave no token; the pages are as
    ///   before then.
    func step(
        _ decoders: [DecoderSequence], in pool: PagePool
    ) throws(PipelineError) -> [DecoderSequence] {
        let found = shared.withLock { exchange(&$0.candidates, with: [:]) }
        var candidates: [[BeamCandidate]] = []
        for beam in decoders.indices { candidates.append(try found[beam]?.get() ?? []) }
        let continuations = try search.step(candidates)
        tokens = continuations.map(\.token)
        var isUsed = decoders.map { _ in false }
        let next = continuations.map { continuation in
            let parent = decoders[continuation.parent]
            defer { isUsed[continuation.parent] = true }
            return isUsed[continuation.parent] ? parent.fork(in: pool) : parent
        }
        for (decoder, isUsed) in zip(decoders, isUsed) where !isUsed { decoder.releaseAll(in: pool) }
        return next
    }

    var isDone: Bool { search.isDone }

    /// The pieces of the answers that were found, from the sequence of a number on.
    ///
    /// - Parameter count: how many answers there have to be; those that were not found are empty
    func pieces(_ count: Int, from first: Int, _ generation: SequenceGeneration) -> [GeneratedPiece] {
        let answers = search.answers
        return (0..<count).flatMap { number -> [GeneratedPiece] in
            guard number < answers.count, let last = answers[number].tokens.indices.last else {
                return [GeneratedPiece(sequence: first + number, token: nil, text: "", end: .length)]
            }
            var text = generation.textStream
            return answers[number].tokens.enumerated().map { place, token in
                let added = generation.isShown(token) ? text.append(token) : ""
                guard place == last else {
                    return GeneratedPiece(
                        sequence: first + number, token: ChosenToken(id: token), text: added, end: nil)
                }
                let end = answers[number].finishReason
                return GeneratedPiece(
                    sequence: first + number, token: ChosenToken(id: token), text: added + text.finish(), end: end,
                    stopString: end == .stopSequence ? text.stopString : nil)
            }
        }
    }
}
