import Dispatch
import PenstockPipelines
import Synchronization

/// Where requests are laid down and the model's thread picks up batches: the gate, and who waits behind its numbers.
final class WorkDesk: Sendable {
    /// What the model's thread is given to do.
    enum Work {
        case run([WorkItem])
        case rest(until: ContinuousClock.Instant?)
        case leave
    }

    fileprivate struct State {
        var gate: Gate<ContinuousClock.Instant>
        var pending: [Int: PendingRequest] = [:]
        var isClosed = false
    }

    private let state: Mutex<State>
    private let bell = DispatchSemaphore(value: 0)

    init(_ gate: Gate<ContinuousClock.Instant>) { state = Mutex(State(gate: gate)) }

    /// Lets a request in, or fails it.
    func submit(_ pending: PendingRequest) {
        let now = ContinuousClock.now
        let lengths = pending.request.sequences.map(\.ids.count)
        let refusal: ServingError? = state.withLock { state in
            guard !state.isClosed else { return .shuttingDown }
            switch state.gate.submit(lengths: lengths, deadline: pending.client.deadline, at: now) {
            case .success(let number):
                pending.number = number
                state.pending[number] = pending
                return nil
            case .failure(let refusal): return ServingError(refusal)
            }
        }
        if let refusal { return pending.fail(refusal) }
        bell.signal()
        if Task.isCancelled { withdraw(pending) }
    }

    /// Takes a request out again, if it is still there.
    func withdraw(_ pending: PendingRequest) {
        finish(pending)
        pending.fail(CancellationError())
    }

    /// What to do next; the batch before it is over.
    ///
    /// Requests that nobody waits for any more are dropped first, so that they never enter a batch.
    func nextWork() -> Work {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard !state.isClosed else { return .leave }
            for (number, pending) in state.pending where !pending.isAwaited(at: now) {
                pending.abandon()
                state.forget(number)
            }
            switch state.gate.next(at: now) {
            case .idle: return .rest(until: nil)
            case .wait(let instant): return .rest(until: instant)
            case .run(let items):
                return .run(
                    items.compactMap { item in
                        state.pending[item.request].map { WorkItem(pending: $0, index: item.index) }
                    })
            }
        }
    }

    /// Waits for a request, or until an instant.
    func rest(until instant: ContinuousClock.Instant?) {
        guard let instant else { return bell.wait() }
        let nanoseconds = max(0, ContinuousClock.now.duration(to: instant) / .nanoseconds(1))
        _ = bell.wait(timeout: .now() + .nanoseconds(Int(min(nanoseconds, 1e15))))
    }

    /// Takes note of a batch that was run; `seconds` if it was done in one piece. Returns the seconds expected.
    func finishBatch(seconds: Double?) -> Double {
        state.withLock { $0.gate.finishBatch(seconds: seconds) }
    }

    /// Takes note that a request is answered.
    func finish(_ pending: PendingRequest) {
        state.withLock { state in
            if let number = pending.number { state.forget(number) }
        }
    }

    /// Turns further requests away; those that wait still run.
    func drain() { state.withLock { $0.gate.drain() } }

    /// Refuses all requests, also those that wait, and sends the model's thread home.
    func close() {
        let refused = state.withLock { state in
            state.isClosed = true
            defer { state.pending = [:] }
            return Array(state.pending.values)
        }
        for pending in refused { pending.fail(ServingError.shuttingDown) }
        bell.signal()
    }

    /// Reads something off the gate.
    func read<Value>(_ body: (Gate<ContinuousClock.Instant>) -> Value) -> Value {
        state.withLock { body($0.gate) }
    }
}

extension WorkDesk.State {
    fileprivate mutating func forget(_ number: Int) {
        pending[number] = nil
        gate.remove(number)
    }
}
