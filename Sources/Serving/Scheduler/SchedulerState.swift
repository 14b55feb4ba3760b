import PenstockCompute

/// The state that a scheduler's lock guards. Its functions return what is to be done outside of the lock.
struct SchedulerState {
    var gate = Gate<ContinuousClock.Instant>()
    var entries: [Int: SchedulerEntry] = [:]
    var arenaBytes = 0
    /// True while the scheduler's thread waits for the bell.
    var isResting = false
    private(set) var isClosed = false
    /// Turns that were given and not taken yet.
    private var turnsGiven = 0
    private var requests: [Int: any ScheduledRequest] = [:]
    private var removals: [Int: DeferredRelease] = [:]
    /// Models of which requests have ended that may hold pages.
    private var unswept: Set<Int> = []

    /// The arena that the largest model needs.
    var largestArena: Int { entries.values.reduce(0) { max($0, $1.arenaBytes) } }

    /// Lets a request in. Returns why not, if it is not.
    mutating func submit(_ request: any ScheduledRequest, at now: ContinuousClock.Instant) -> ServingError? {
        guard !isClosed else { return .shuttingDown }
        let ticket = request.ticket
        let client = ticket.client
        switch gate.submit(
            request.slices, of: client.caller.flow, to: ticket.model, deadline: client.deadline, at: now)
        {
        case .success(let number):
            ticket.number = number
            requests[number] = request
            return nil
        case .failure(let refusal): return ServingError(refusal)
        }
    }

    /// Adds a further slice of a request, if it is still there.
    mutating func add(_ slice: Slice, to request: any ScheduledRequest, at now: ContinuousClock.Instant) {
        let ticket = request.ticket
        guard let number = ticket.number, requests[number] != nil else { return }
        let client = ticket.client
        gate.add(
            slice, to: number, in: client.caller.flow, of: ticket.model, deadline: client.deadline, at: now)
    }

    mutating func forget(_ request: any ScheduledRequest) {
        guard let number = request.ticket.number, requests.removeValue(forKey: number) != nil else { return }
        gate.remove(number, of: request.ticket.model)
        noteEnd(of: request)
    }

    private mutating func noteEnd(of request: any ScheduledRequest) {
        if entries[request.ticket.model]?.pages != nil { unswept.insert(request.ticket.model) }
    }

    /// Turns further requests to a model away, which is let go when nothing of it is left.
    mutating func remove(_ model: Int, _ objects: DeferredRelease) {
        gate.closeModel(model)
        if !isClosed { removals[model] = objects }
    }

    /// Returns the requests that are refused, and the models that are let go.
    mutating func close() -> (
        refused: [any ScheduledRequest], removed: [DeferredRelease]
    ) {
        isClosed = true
        let refused = Array(requests.values)
        requests = [:]
        return (refused, Array(exchange(&removals, with: [:]).values))
    }

    /// Returns what to do next, and who is to be told something before; without a step for asking again.
    mutating func next(at now: ContinuousClock.Instant) -> SchedulerDesk.Actions {
        var actions = SchedulerDesk.Actions()
        guard !isClosed else {
            actions.step = .leave
            return actions
        }
        actions.removed = takeRemoved()
        // First of all they are let go.
        actions.swept = takeUnswept()
        guard actions.removed.isEmpty, actions.swept.isEmpty else { return actions }
        let decision = Self.decide(&gate, for: requests, at: now)
        actions.dropped = decision.dropped.compactMap { requests.removeValue(forKey: $0) }
        for request in actions.dropped { noteEnd(of: request) }
        switch decision.step {
        case .again: break
        // Before it rests, the pages of those that were dropped are taken.
        case .idle where !unswept.isEmpty, .wait where !unswept.isEmpty: break
        case .idle: actions.step = rest(until: nil)
        case .wait(let instant): actions.step = rest(until: instant)
        case .lend:
            turnsGiven += 1
            actions.step = .lend
        case .run(let model, let items):
            guard let entry = entries[model] else { preconditionFailure("a batch of a model that is not there") }
            actions.step = .run(
                entry, items.compactMap { item in requests[item.request].map { ($0, item.slice) } })
        }
        return actions
    }

    /// Takes a turn that was given. Returns whether there was one.
    mutating func takeTurn() -> Bool {
        guard turnsGiven > 0 else { return false }
        turnsGiven -= 1
        return true
    }

    private static func decide(
        _ gate: inout Gate<ContinuousClock.Instant>, for requests: [Int: any ScheduledRequest],
        at now: ContinuousClock.Instant
    ) -> Gate<ContinuousClock.Instant>.Decision {
        gate.next(at: now) { requests[$0]?.isAwaited(at: now) ?? false }
    }

    private mutating func rest(until instant: ContinuousClock.Instant?) -> SchedulerDesk.Step {
        isResting = true
        return .rest(until: instant)
    }

    /// Tells whether a request of a model is there, which may wait for its reader to take something.
    private func hasRequests(_ model: Int) -> Bool { requests.values.contains { $0.ticket.model == model } }

    /// True if models wait to be removed, or for pages of requests that have ended.
    var hasRemainders: Bool { !removals.isEmpty || !unswept.isEmpty }

    private mutating func takeUnswept() -> [(model: Int, pages: any PageHolder)] {
        exchange(&unswept, with: []).compactMap { model in entries[model]?.pages.map { (model, $0) } }
    }

    /// The models that are to be removed and of which nothing waits.
    private mutating func takeRemoved() -> [DeferredRelease] {
        var removed: [DeferredRelease] = []
        for (model, objects) in removals where gate.isIdle(model) && !hasRequests(model) {
            removals[model] = nil
            gate.removeModel(model)
            var objects = objects
            if let entry = entries.removeValue(forKey: model) { objects.keep(entry) }
            removed.append(objects)
        }
        return removed
    }
}
