import Dispatch
import PenstockCompute
import Synchronization

/// The place at which requests and models are laid down and the scheduler's thread picks up what is to be done: the
/// gate under its lock, and who stands behind its numbers.
final class SchedulerDesk: @unchecked Sendable {
    // Safe to share: the arena and `processor` are touched by whoever has the processor, the scheduler's thread or, in
    // a turn, the one that it is lent to; semaphores hand it over.

    /// A step that the scheduler's thread is given to do.
    enum Step {
        case run(SchedulerEntry, [(request: any ScheduledRequest, slice: Slice)])
        /// Let one who waits for a turn have the processor.
        case lend
        case rest(until: ContinuousClock.Instant?)
        case leave
    }

    /// A step, and who is to be told something before.
    struct Actions {
        var step: Step?
        var dropped: [any ScheduledRequest] = []
        var removed: [DeferredRelease] = []
        var swept: [(model: Int, pages: any PageHolder)] = []
    }

    private let granted = DispatchSemaphore(value: 0)
    private let returned = DispatchSemaphore(value: 0)
    private let bell = DispatchSemaphore(value: 0)
    private let state = Mutex(SchedulerState())
    let arena = Workspace()
    private let arenaMemory: MemoryLedger.Reservation
    var processor: CPU?

    init(arenaMemory: MemoryLedger.Reservation) { self.arenaMemory = arenaMemory }

    var arenaBytes: Int { state.withLock { $0.arenaBytes } }

    /// The bytes of the arena that are reserved.
    var reservedArenaBytes: Int { arenaMemory.bytes }

    func read<Value>(_ body: (Gate<ContinuousClock.Instant>) -> Value) -> Value { state.withLock { body($0.gate) } }

    /// Changes something, and wakes the scheduler's thread to look at it.
    func change(_ body: (inout Gate<ContinuousClock.Instant>) -> Void) {
        ring { body(&$0.gate) }
    }

    /// Changes something under the lock, and wakes the scheduler's thread if it rests.
    @discardableResult
    private func ring<Result>(_ body: (inout SchedulerState) throws -> Result) rethrows -> Result {
        let (result, rings) = try state.withLock { state in
            let result = try body(&state)
            defer { state.isResting = false }
            return (result, state.isResting)
        }
        if rings { bell.signal() }
        return result
    }
}

// MARK: - For those who have requests

extension SchedulerDesk {
    func submit(_ request: any ScheduledRequest) {
        let now = ContinuousClock.now
        if let refusal = ring({ $0.submit(request, at: now) }) { return request.end.finish(throwing: refusal) }
        if Task.isCancelled {
            request.end.finish(throwing: CancellationError())
            forget(request)
        }
    }

    func refusal(
        forAtLeast work: WorkSize, sequences: Int, by model: Int, for client: Client
    ) -> ServingError? {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard !state.isClosed else { return .shuttingDown }
            let refusal = state.gate.refusal(
                forAtLeast: work, slices: sequences, in: client.caller.flow, by: model, deadline: client.deadline,
                at: now)
            guard let refusal else { return nil }
            state.gate.note(refusal, of: work, by: model, at: now)
            return ServingError(refusal)
        }
    }

    func forget(_ request: any ScheduledRequest) {
        let rings = state.withLock { state in
            state.forget(request)
            // A model may have waited for this one, or others for its pages.
            guard state.hasRemainders else { return false }
            defer { state.isResting = false }
            return state.isResting
        }
        if rings { bell.signal() }
    }

    /// Lets a request go on with another slice.
    func add(_ slice: Slice, to request: any ScheduledRequest) {
        let now = ContinuousClock.now
        ring { $0.add(slice, to: request, at: now) }
    }

    func close() {
        let (refused, removed) = ring { $0.close() }
        for request in refused { request.end.finish(throwing: ServingError.shuttingDown) }
        for objects in removed { objects.perform() }
        bell.signal()
        granted.signal()
    }
}

// MARK: - For those who have models

extension SchedulerDesk {
    /// Takes in a model. To be called in a turn.
    func add(
        _ entry: SchedulerEntry, _ configuration: GateConfiguration, _ costs: CostModel,
        from memory: MemoryLedger.Reservation?
    ) throws -> Int {
        let growth = entry.arenaBytes - arena.bytes
        if growth > 0 {
            try arena.resize(bytes: entry.arenaBytes)
            if let memory { arenaMemory.take(growth, from: memory) }
        }
        return state.withLock { state in
            let model = state.gate.addModel(configuration, costs: costs)
            state.entries[model] = entry
            state.arenaBytes = arena.bytes
            return model
        }
    }

    func remove(_ model: Int, _ objects: DeferredRelease) {
        let isClosed = ring { state in
            state.remove(model, objects)
            return state.isClosed
        }
        if isClosed { objects.perform() }
    }

    /// Waits for the processor.
    ///
    /// - Throws: ``TurnsEnded`` if the scheduler stops.
    func beginTurn() throws(TurnsEnded) -> CPU {
        let isClosed = ring { state in
            state.gate.requestTurn()
            return state.isClosed
        }
        if !isClosed { granted.wait() }
        guard state.withLock({ $0.takeTurn() }), let processor else {
            // Nor will there be one for the next who waits.
            granted.signal()
            throw TurnsEnded()
        }
        return processor
    }

    /// Gives the processor back.
    func endTurn(seconds: Double) {
        state.withLock { $0.gate.finishTurn(seconds: seconds) }
        returned.signal()
    }
}

// MARK: - For the scheduler's thread

extension SchedulerDesk {
    /// Returns what to do next; the batch or turn before it is over.
    ///
    /// Requests whose deadlines are over, and those at whose turn nobody waits for them, are dropped.
    func nextStep() -> Step {
        while true {
            let now = ContinuousClock.now
            let actions = state.withLock { $0.next(at: now) }
            for request in actions.dropped { request.abandon() }
            for (model, pages) in actions.swept {
                pages.releaseEnded()
                note(pages, of: model)
            }
            for objects in actions.removed {
                shrinkArena()
                objects.perform()
            }
            if let step = actions.step { return step }
        }
    }

    /// Waits for something to do, or until an instant.
    func rest(until instant: ContinuousClock.Instant?) { bell.wait(until: instant) }

    /// Lets one who waits have the processor, until it comes back.
    func lend() {
        granted.signal()
        returned.wait()
    }

    /// Takes note of a batch that was run; `seconds` if it was done in one piece. Returns the seconds expected.
    func finishBatch(seconds: Double?, lasting total: Double) -> Double {
        state.withLock { $0.gate.finishBatch(seconds: seconds, lasting: total) }
    }

    /// Takes note of the pages of a model that are free, or will be.
    private func note(_ pages: any PageHolder, of model: Int) {
        let (free, releases) = (pages.freePages, pages.releases)
        state.withLock { $0.gate.setFreePages(free, releases: releases, of: model) }
    }

    /// Takes note of what became of slices that were run.
    ///
    /// - Parameter pages: the runner that did so, if its requests hold pages
    func settle(
        _ batch: [(request: any ScheduledRequest, slice: Slice)], _ outcomes: [SliceOutcome],
        _ pages: (any PageHolder)?
    ) {
        if let pages, let model = batch.first?.request.ticket.model { note(pages, of: model) }
        for (item, outcome) in zip(batch, outcomes) { settle(item.request, outcome) }
    }

    private func settle(_ request: any ScheduledRequest, _ outcome: SliceOutcome) {
        switch outcome {
        case _ where !request.end.isOpen: forget(request)
        case .done: break
        case .next(let slice): add(slice, to: request)
        case .whenRoom(let sink, let slice): sink.whenRoom { [self] in add(slice, to: request) }
        case .several(let outcomes): for outcome in outcomes { settle(request, outcome) }
        }
    }

    /// Makes the arena as small as the largest model allows.
    private func shrinkArena() {
        let bytes = state.withLock { $0.largestArena }
        // Without the memory for a smaller one it stays as it is.
        guard bytes < arena.bytes, (try? arena.resize(bytes: bytes)) != nil else { return }
        arenaMemory.shrink(to: bytes)
        state.withLock { $0.arenaBytes = bytes }
    }
}
