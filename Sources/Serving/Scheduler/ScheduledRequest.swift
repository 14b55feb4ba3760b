import PenstockCompute
import PenstockPipelines

/// The times that a request took.
package struct RequestTiming: Sendable {
    /// When the request was submitted; nil as long as no batch of it has started.
    package var submitted: ContinuousClock.Instant?
    /// From the request's submission to the start of its first batch.
    package var queue = Duration.zero
    /// From there to the end of its last batch.
    package var inference = Duration.zero
    /// Slices in its last batch, those of others included.
    package var batchItems = 0

    /// No time yet.
    package init() {}
}

/// A request on its way through the scheduler, whatever its model makes of it.
package protocol ScheduledRequest: AnyObject, Sendable {
    /// The scheduler's notes about it.
    var ticket: Ticket { get }

    /// The slices that it starts with, at least one.
    var slices: [Slice] { get }

    /// The end of its answer.
    var end: any AnswerEnd { get }

    /// The deadline of what it waits for.
    var deadline: ContinuousClock.Instant { get }

    /// Ends it, unless it has an outcome, because it is not awaited any more. Called on the scheduler's thread.
    func abandon()
}

/// The client and the model of a request, and the times that it took.
package final class Ticket: @unchecked Sendable {
    // Safe to share: `number` is touched under the lock of the scheduler alone; `started` and `timing` by its thread
    // alone until the answer ends, which orders them for the task that reads the answer.

    let client: Client
    /// The gate's number for the model.
    let model: Int
    /// The gate's number for the request, once it is let in.
    var number: Int?
    private let submitted = ContinuousClock.now
    private var started: ContinuousClock.Instant?
    private(set) var timing = RequestTiming()

    package init(model: Int, client: Client) { (self.model, self.client) = (model, client) }

    /// Takes note that a batch of so many slices starts.
    func startBatch(of items: Int, at now: ContinuousClock.Instant) {
        if started == nil {
            started = now
            timing.submitted = submitted
            timing.queue = submitted.duration(to: now)
        }
        timing.batchItems = items
    }

    /// Takes note that its batch is over.
    func endBatch(at now: ContinuousClock.Instant) {
        if let started { timing.inference = started.duration(to: now) }
    }
}

extension ScheduledRequest {
    /// That of its client.
    package var deadline: ContinuousClock.Instant { ticket.client.deadline }

    /// Tells whether an answer is of use to somebody at this time.
    package func isAwaited(at now: ContinuousClock.Instant) -> Bool {
        end.isOpen && now < deadline && !ticket.client.isGone()
    }

    /// Ends its answer with an error that says why.
    package func abandon() {
        end.finish(throwing: ticket.client.isGone() ? ServingError.clientGone : ServingError.deadlineExceeded)
    }
}

/// The outcome of a slice that was run.
package enum SliceOutcome: Sendable {
    /// The sequence needs nothing more.
    case done
    /// The sequence goes on with another slice.
    case next(Slice)
    /// The sequence goes on with another slice when this sink has room.
    case whenRoom(any SinkRoom, Slice)
    /// Several sequences have come of one.
    case several([SliceOutcome])
}

/// Somewhere that has no room for a while.
package protocol SinkRoom: Sendable {
    /// Calls `body` once as soon as there is room or nothing more is taken.
    func whenRoom(_ body: @escaping @Sendable () -> Void)
}

extension AnswerSink: SinkRoom {}

/// A runner that computes the slices of a model, on the scheduler's thread.
package protocol SliceRunner: AnyObject {
    associatedtype Request: ScheduledRequest

    /// Computes slices as one batch.
    ///
    /// - Parameters:
    ///   - batch: at least one slice
    ///   - arena: memory for the pass, at least as much as the model was added with
    /// - Returns: whether the batch was done in one piece, so that its time tells what such a batch costs.
    func run(_ batch: [RunnableSlice<Request>], on cpu: CPU, in arena: Workspace) -> Bool

    /// Hands out what the batch has found, and says what becomes of each slice, in their order.
    func deliver(_ batch: [RunnableSlice<Request>]) -> [SliceOutcome]
}

/// A runner whose requests hold pages of keys and values from step to step.
package protocol PageHolder: AnyObject {
    /// Pages that are free for sequences to begin.
    var freePages: Int { get }

    /// Pages that sequences that have begun will give back.
    var releases: [PageRelease] { get }

    /// Takes the pages of requests that have ended. Called on the scheduler's thread.
    func releaseEnded()
}

/// A slice of a request, to be run.
package struct RunnableSlice<Request: ScheduledRequest>: Sendable {
    package let request: Request
    package let slice: Slice
}
