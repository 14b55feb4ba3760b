import PenstockCompute
import PenstockModels
import PenstockPipelines

/// The beam search of a sequence: what the beams append, and the scores of a step until all of its rows are there.
final class SequenceSearch {
    private var search: BeamSearch
    /// The token that each beam has to compute next; none before the first step.
    private(set) var tokens: [Int32] = []
    private let width: Int
    private let scores: UnsafeMutableBufferPointer<Float>

    /// - Parameters:
    ///   - beams: as many as there may be
    ///   - width: numbers of a row of logits
    init(_ search: BeamSearch, beams: Int, width: Int) {
        (self.search, self.width) = (search, width)
        scores = .allocate(capacity: beams * width)
    }

    deinit { scores.deallocate() }

    /// Takes in the logits of a beam. Those of several come on several threads at a time, each to a place of its own.
    func take(_ logits: UnsafeMutableBufferPointer<Float>, of beam: Int) {
        _ = row(beam).initialize(from: logits)
    }

    private func row(_ beam: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: scores[beam * width..<(beam + 1) * width])
    }

    /// Makes a step, once the logits of all beams are there.
    ///
    /// - Returns: the pages of the next beams, those of present ones or copies of them; none if the search is done.
    /// - Throws: `PipelineError` for scores that are no numbers; the pages are as before then.
    func step(
        _ decoders: [DecoderSequence], in pool: PagePool
    ) throws(PipelineError) -> [DecoderSequence] {
        let continuations = try search.step(decoders.indices.map(row))
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
                let added = text.append(token)
                return GeneratedPiece(
                    sequence: first + number, token: ChosenToken(id: token),
                    text: place == last ? added + text.finish() : added,
                    end: place == last ? answers[number].finishReason : nil)
            }
        }
    }
}
