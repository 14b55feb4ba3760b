import PenstockCompute
import PenstockModels
import PenstockPipelines
import Synchronization

/// A request to a model that generates: its answer has an element for each token of each of its sequences.
final class GenerationRequest: ScheduledRequest, @unchecked Sendable {
    // Safe to share: the sequences are touched by the scheduler's thread and, each by one, by those of its pool; before
    // submission by the one who makes them.

    let ticket: Ticket
    let answer: AnswerSink<GeneratedPiece>
    let slices: [Slice]
    private let sequences: [GenerationSequence]
    /// The sequences before this place have ended, and were delivered.
    private var delivered = 0
    private let cached = Atomic<Int>(0)
    private let longestStream: Duration?
    private let submitted = ContinuousClock.now
    private var streamDeadline: ContinuousClock.Instant?
    /// From its submission to its first token; nil before that.
    private(set) var timeToFirstToken: Duration?

    var end: any AnswerEnd { answer }
    /// That of the client; of an answer that is streamed, once its first token has come, that of the rest.
    var deadline: ContinuousClock.Instant { streamDeadline ?? ticket.client.deadline }

    /// Pieces of a sequence that wait for the reader, about.
    private static let piecesPerSequence = 64

    /// - Parameters:
    ///   - limit: tokens that a sequence has at most
    ///   - longestStream: how long all that follows the first token may take; nil for an answer that is told as a
    ///     whole, by the deadline of its client
    ///   - lookup: tokens that are guessed at most for a sequence at one time
    init(
        _ work: ModelWork, to model: Int, limit: Int, outputs: Int, longestStream: Duration?, lookup: Int,
        of client: Client
    ) {
        precondition(work.generations.count == work.sequences.count)
        ticket = Ticket(model: model, client: client)
        answer = AnswerSink(capacity: Self.piecesPerSequence * work.sequences.count)
        self.longestStream = longestStream
        var sequences: [GenerationSequence] = []
        var followers: [GenerationSequence] = []
        for (index, input) in work.sequences.enumerated().reversed() {
            let generation = work.generations[index]
            let isFirst = generation.choice == 0
            let sequence = GenerationSequence(
                index: index, prompt: input.ids, generation, limit: limit, outputs: outputs, lookup: lookup,
                followers: isFirst ? followers.reversed() : [])
            followers = isFirst ? [] : followers + [sequence]
            sequences.append(sequence)
        }
        self.sequences = sequences.reversed()
        slices = zip(self.sequences, work.generations).filter { $0.1.choice == 0 }.map { $0.0.slice }
    }

    /// Tokens of prompts that others had computed, of the sequences that have begun.
    var cachedTokens: Int { cached.load(ordering: .relaxed) }

    /// Counts tokens of a prompt that others had computed.
    func add(cachedTokens: Int) { cached.add(cachedTokens, ordering: .relaxed) }

    func sequence(of slice: Slice) -> GenerationSequence { sequences[slice.sequence] }

    /// Hands out what a sequence has found, and the end of the answer with the last end of a sequence.
    ///
    /// - Returns: whether its reader has room for more.
    func deliver(_ sequence: GenerationSequence, at now: ContinuousClock.Instant, _ metrics: GenerationMetrics) -> Bool
    {
        if streamDeadline == nil, let longestStream {
            streamDeadline = min(now + longestStream, ticket.client.streamDeadline ?? now + longestStream)
        }
        var hasRoom = true
        for piece in sequence.takePieces() {
            note(piece, of: sequence, at: now, metrics)
            hasRoom = answer.offer(piece)
        }
        if let failure = sequence.failure {
            answer.finish(throwing: failure)
            return true
        }
        while delivered < sequences.count, sequences[delivered].hasBeenDelivered { delivered += 1 }
        if delivered == sequences.count { answer.finish() }
        return hasRoom
    }

    private func note(
        _ piece: GeneratedPiece, of sequence: GenerationSequence, at now: ContinuousClock.Instant,
        _ metrics: GenerationMetrics
    ) {
        guard piece.token != nil else { return }
        metrics.generatedTokens.increment()
        if let last = sequence.lastTokenTime {
            // Tokens of one step come together: only the first of them was waited for.
            guard last < now else { return }
            metrics.tokenGap.record(duration: last.duration(to: now))
        } else {
            let duration = submitted.duration(to: now)
            if timeToFirstToken == nil { timeToFirstToken = duration }
            metrics.firstToken.record(duration: duration)
        }
        sequence.lastTokenTime = now
    }

    /// A deadline behind the first token of a stream is an end like others: what is there is told, and why there is no
    /// more.
    func abandon() {
        guard streamDeadline != nil, !ticket.client.isGone() else {
            return answer.finish(throwing: ticket.client.isGone() ? ServingError.clientGone : .deadlineExceeded)
        }
        for sequence in sequences {
            if let piece = sequence.end(because: .deadline) { answer.offer(piece) }
        }
        answer.finish()
    }
}
