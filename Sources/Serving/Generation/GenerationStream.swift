import PenstockPipelines
import Synchronization

/// The answer to a request that generates, piece by piece, as long as somebody has it.
package final class GenerationStream: Sendable {
    /// Tokens of its prompts.
    package let promptTokens: Int
    private let request: GenerationRequest
    /// Has the request, and so stays.
    private let model: ServedModel
    private let taken: CallerAccount.TokensTaken?
    private let mostGenerated: Int
    private let generated = Atomic<Int>(0)
    private let reservation: MemoryBudget.Reservation

    /// - Parameters:
    ///   - mostGenerated: tokens of the answer for which its caller has paid
    ///   - taken: what its caller has paid
    ///   - reservation: the place of the answer in the memory
    init(
        _ request: GenerationRequest, promptTokens: Int, mostGenerated: Int, to model: ServedModel,
        _ taken: CallerAccount.TokensTaken?, holding reservation: MemoryBudget.Reservation
    ) {
        (self.request, self.promptTokens, self.model) = (request, promptTokens, model)
        (self.mostGenerated, self.taken, self.reservation) = (mostGenerated, taken, reservation)
        model.scheduler.submit(request)
    }

    deinit {
        model.scheduler.withdraw(request)
        taken?.putBack(max(0, mostGenerated - generated.load(ordering: .relaxed)))
    }

    /// The next piece; nil behind the last.
    ///
    /// - Throws: ``ServingError`` when the gate refuses the request or its first piece is not there in time, and
    ///   `CancellationError` when the task is cancelled while it waits.
    package func next() async throws -> GeneratedPiece? {
        try await AnswerSink<GeneratedPiece>.Wait.element(by: wait)
    }

    /// Ends the wait of the reader, or the next one at once if nobody waits.
    package func nudge() { request.answer.nudge() }

    /// Waits as ``next()`` does, but no longer than until ``nudge()`` is called.
    package func wait() async throws -> AnswerSink<GeneratedPiece>.Wait {
        do {
            let next = try await withTaskCancellationHandler {
                try await request.answer.wait()
            } onCancel: {
                model.scheduler.withdraw(request)
            }
            if case .nudged = next { return next }
            if case .element(let piece) = next, piece.token != nil { generated.add(1, ordering: .relaxed) }
            let (facts, timing) = (facts, timing)
            request.ticket.client.notes?.note { ($0.generation, $0.timing) = (facts, timing) }
            return next
        } catch let error as ServingError {
            if error.code == .overloaded || error.code == .requestTooLarge {
                taken?.putBack()
                generated.store(mostGenerated, ordering: .relaxed)
            }
            if error.code != .deadlineExceeded { model.metrics.countRejection(error) }
            throw error
        }
    }

    /// The times that it has taken so far.
    package var timing: RequestTiming { request.ticket.timing }

    /// The facts that are told of it, as far as it has come.
    package var facts: GenerationFacts {
        var facts = GenerationFacts()
        facts.promptTokens = promptTokens
        facts.cachedTokens = min(request.cachedTokens, promptTokens)
        facts.generatedTokens = generated.load(ordering: .relaxed)
        facts.firstToken = request.timeToFirstToken ?? .zero
        return facts
    }

    /// All that was generated for each sequence.
    ///
    /// - Throws: as ``next()``.
    func texts(of sequences: Int) async throws -> [GeneratedText] {
        var texts = Array(repeating: GeneratedText(), count: sequences)
        while let piece = try await next() { texts[piece.sequence].append(piece) }
        return texts
    }
}
