import Dispatch
import PenstockPipelines
import Synchronization

/// Where requests are laid down and the model's thread picks up batches: the gate, and who waits behind its numbers.
///
/// What happens under its lock is short, however many wait; those who wait are told of their outcome outside of it.
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
        /// Whether the model's thread waits for the bell.
        var isResting = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let bell = DispatchSemaphore(value: 0)

    init(_ gate: Gate<ContinuousClock.Instant>) { state = Mutex(State(gate: gate)) }

    /// Lets a request in, or fails it.
    func submit(_ pending: PendingRequest) {
        let now = ContinuousClock.now
        let lengths = pending.work.sequences.map(\.ids.count)
        let (refusal, rings): (ServingError?, Bool) = state.withLock { state in
            guard !state.isClosed else { return (.shuttingDown, false) }
            switch state.gate.submit(lengths: lengths, deadline: pending.client.deadline, at: now) {
            case .success(let number):
                pending.number = number
                state.pending[number] = pending
                defer { state.isResting = false }
                return (nil, state.isResting)
            case .failure(let refusal): return (ServingError(refusal), false)
            }
        }
        if let refusal { return pending.fail(refusal) }
        if rings { bell.signal() }
        if Task.isCancelled { withdraw(pending) }
    }

    /// Returns why a request that has at least this work and so many sequences would certainly be refused now, and takes
    /// note that it is; nil if it may be submitted.
    func refusal(forAtLeast work: WorkSize, sequences: Int, deadline: ContinuousClock.Instant) -> ServingError? {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard !state.isClosed else { return .shuttingDown }
            let refusal = state.gate.refusal(forAtLeast: work, sequences: sequences, deadline: deadline, at: now)
            guard let refusal else { return nil }
            state.gate.note(refusal, of: work, at: now)
            return ServingError(refusal)
        }
    }

    /// Takes a request out again, if it is still there.
    func withdraw(_ pending: PendingRequest) {
        finish(pending)
        pending.fail(CancellationError())
    }

    /// What to do next; the batch before it is over.
    ///
    /// Requests whose deadlines are over, and those at whose turn nobody waits for them, are dropped.
    func nextWork() -> Work {
        while true {
            let now = ContinuousClock.now
            let (dropped, work) = state.withLock { $0.next(at: now) }
            for pending in dropped { pending.abandon() }
            if let work { return work }
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

    /// Runs what waits for company, and lets nothing wait for it any more.
    func stopLingering() {
        let rings = state.withLock { state in
            state.gate.stopLingering()
            defer { state.isResting = false }
            return state.isResting
        }
        if rings { bell.signal() }
    }

    /// Refuses all requests, also those that wait, and sends the model's thread home.
    func close() {
        let refused = state.withLock { state in
            state.isClosed = true
            return exchange(&state.pending, with: [:])
        }
        for pending in refused.values { pending.fail(ServingError.shuttingDown) }
        bell.signal()
    }

    /// Reads something off the gate.
    func read<Value>(_ body: (Gate<ContinuousClock.Instant>) -> Value) -> Value {
        state.withLock { body($0.gate) }
    }
}

extension WorkDesk.State {
    /// Returns the requests that were dropped, and what to do next; nil for asking again.
    fileprivate mutating func next(at now: ContinuousClock.Instant) -> (dropped: [PendingRequest], work: WorkDesk.Work?)
    {
        guard !isClosed else { return ([], .leave) }
        let decision = Self.decide(&gate, for: pending, at: now)
        let dropped = decision.dropped.compactMap { pending.removeValue(forKey: $0) }
        switch decision.step {
        case .again: return (dropped, nil)
        case .idle: return (dropped, rest(until: nil))
        case .wait(let instant): return (dropped, rest(until: instant))
        case .run(let items):
            let work = items.compactMap { item in
                pending[item.request].map { WorkItem(pending: $0, index: item.index) }
            }
            return (dropped, .run(work))
        }
    }

    private static func decide(
        _ gate: inout Gate<ContinuousClock.Instant>, for pending: [Int: PendingRequest], at now: ContinuousClock.Instant
    ) -> Gate<ContinuousClock.Instant>.Decision {
        gate.next(at: now) { pending[$0]?.isAwaited(at: now) ?? false }
    }

    private mutating func rest(until instant: ContinuousClock.Instant?) -> WorkDesk.Work {
        isResting = true
        return .rest(until: instant)
    }

    fileprivate mutating func forget(_ number: Int) {
        pending[number] = nil
        gate.remove(number)
    }
}
