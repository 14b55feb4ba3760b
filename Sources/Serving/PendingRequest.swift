import PenstockCompute
import PenstockModels
import PenstockPipelines
import Synchronization

/// Where the time of a request went.
package struct RequestTiming: Sendable {
    /// From the request's submission to the start of its first batch.
    package var queue = Duration.zero
    /// From there to the end of its last batch.
    package var inference = Duration.zero
    /// Sequences in its last batch, those of others included.
    package var batchItems = 0
}

/// A request on its way through the gate and the model.
final class PendingRequest: @unchecked Sendable {
    // Safe to share: `readings`, `unfinished`, `submitted`, `started` and `timing` are touched by the model's thread alone,
    // between submission and the resumption of the task that waits; both are ordered by locks. `number` is touched under
    // the lock of the desk alone.
    private var readings: [ModelWork.Reading]
    private var unfinished: Int
    private let submitted = ContinuousClock.now
    private var started: ContinuousClock.Instant?
    private(set) var timing = RequestTiming()
    private let outcome = Mutex<CheckedContinuation<Void, any Error>?>(nil)

    /// The gate's number for it, once it is let in.
    var number: Int?

    let work: ModelWork
    let client: Client

    init(_ work: ModelWork, of client: Client) {
        self.work = work
        self.client = client
        readings = Array(repeating: ModelWork.Reading(), count: work.sequences.count)
        unfinished = work.sequences.count
    }

    /// Waits until all sequences are read; `submit` sends them on their way.
    ///
    /// - Throws: the first error of a sequence, or what ``fail(_:)`` was given.
    func readings(submit: () -> Void) async throws -> [ModelWork.Reading] {
        try await withCheckedThrowingContinuation { continuation in
            outcome.withLock { $0 = continuation }
            submit()
        }
        return readings
    }

    /// Gives the request an error as its outcome, unless it has one.
    func fail(_ error: any Error) { takeContinuation()?.resume(throwing: error) }

    /// Whether an answer is of use to somebody at this time.
    func isAwaited(at now: ContinuousClock.Instant) -> Bool {
        outcome.withLock { $0 != nil } && now < client.deadline && !client.isGone()
    }

    /// Ends a request that is not awaited any more, unless it has an outcome.
    func abandon() { fail(client.isGone() ? ServingError.clientGone : ServingError.deadlineExceeded) }

    // MARK: On the model's thread

    /// Takes note that a batch with sequences of this request starts.
    func startBatch(of items: Int, at now: ContinuousClock.Instant) {
        if started == nil {
            started = now
            timing.queue = submitted.duration(to: now)
        }
        timing.batchItems = items
    }

    /// Forgets what was read of a sequence, whose batch has to be run again.
    func reset(_ index: Int) { readings[index] = ModelWork.Reading() }

    /// Takes in rows of sequence number `index`.
    func read(_ rows: Matrix, of index: Int, on cpu: CPU) {
        do {
            try work.read(rows, index, cpu, &readings[index])
        } catch {
            fail(error)
        }
    }

    /// Counts a sequence as done, and the request with its last one. Returns whether it was the last.
    func finishSequence(at now: ContinuousClock.Instant) -> Bool {
        unfinished -= 1
        guard unfinished == 0 else { return false }
        if let started { timing.inference = started.duration(to: now) }
        takeContinuation()?.resume()
        return true
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

    var input: ModelInput { pending.work.sequences[index] }
}
