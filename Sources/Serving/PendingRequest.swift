import PenstockCompute
import PenstockModels
import PenstockPipelines
import Synchronization

/// A request on its way through the queue and the model.
final class PendingRequest: @unchecked Sendable {
    // Safe to share: `answers` is touched by the model's thread alone, and by the waiting task once it was resumed.
    private var answers: [PreparedRequest.SequenceAnswer]
    private var unfinished: Int
    private let outcome = Mutex<CheckedContinuation<Void, any Error>?>(nil)

    let request: PreparedRequest

    init(_ request: PreparedRequest) {
        self.request = request
        answers = Array(repeating: PreparedRequest.SequenceAnswer(), count: request.sequences.count)
        unfinished = request.sequences.count
    }

    /// Waits until all sequences are answered; `submit` sends them on their way.
    ///
    /// - Throws: the first error of a sequence, or what ``fail(_:)`` was given.
    func answers(submit: () -> Void) async throws -> [PreparedRequest.SequenceAnswer] {
        try await withCheckedThrowingContinuation { continuation in
            outcome.withLock { $0 = continuation }
            submit()
        }
        return answers
    }

    /// Gives the request an error as its outcome, unless it has one.
    func fail(_ error: any Error) { takeContinuation()?.resume(throwing: error) }

    /// Whether somebody waits for the outcome.
    var isAwaited: Bool { outcome.withLock { $0 != nil } }

    /// Takes in rows of sequence number `index`. On the model's thread.
    func read(_ rows: Matrix, of index: Int, on cpu: CPU) {
        do {
            try request.read(rows, index, cpu, &answers[index])
        } catch {
            fail(error)
        }
    }

    /// Counts a sequence as done, and the request with its last one. On the model's thread.
    func finishSequence() {
        unfinished -= 1
        if unfinished == 0 { takeContinuation()?.resume() }
    }

    private func takeContinuation() -> CheckedContinuation<Void, any Error>? {
        outcome.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
    }
}

/// One sequence of a request.
struct WorkItem: Sendable {
    let pending: PendingRequest
    let index: Int

    var input: ModelInput { pending.request.sequences[index] }
}
