/// Decides which requests enter, in which batches of which model they run, and what is told to those that cannot.
///
/// A pure state machine: it is told what happens and when, and answers what to do. Nothing in it waits, runs or locks.
/// Times are instants of any clock; for those of the server's, what is called often is compiled as such also for callers
/// in other modules. No operation takes longer than logarithmic time in the number of slices that wait.
package struct Gate<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// A step that the idle engine does next.
    package enum Step: Sendable, Equatable {
        /// Run these of a model, and then say so by ``finishBatch(seconds:lasting:)``.
        case run(model: Int, [BatchItem])
        /// Let whoever asked by ``requestTurn()`` have the engine, and then say so by ``finishTurn(seconds:)``.
        case lend
        /// Ask again at this time, or when something was submitted.
        case wait(until: Instant)
        /// Ask again when something was submitted.
        case idle
        /// Ask again at once: there may be more requests to drop.
        case again
    }

    /// A step, and the requests that were dropped because nobody waits for them, or their deadlines are over or cannot
    /// be met any more.
    package struct Decision: Sendable, Equatable {
        package let step: Step
        package let dropped: [Int]
    }

    struct Running {
        let tenant: Tenant
        let items: Int
        let work: WorkSize
        /// True if it has the next tokens of sequences alone.
        let isDecode: Bool
        let seconds: Double
        let expectedEnd: Instant
    }

    private(set) var models: [Int: ModelQueue<Instant>] = [:]
    private(set) var shares = FairShares()
    private(set) var running: Running?
    /// The tenant that computed last.
    private(set) var last: Tenant?
    /// The number of those who wait for a turn.
    package private(set) var turnsWaited = 0
    private var lastRequest = 0
    private var lastModel = -1

    /// Seconds of a batch of more than one slice, and those of a turn, while others wait; and those of a batch while none
    /// but large models do.
    static var longestBatch: Double { 0.05 }
    static var longestBatchAmongLarge: Double { 0.4 }
    static var expectedTurn: Double { 0.01 }
    /// The share of loading beside a model's.
    private static var loadingWeight: Double { 0.25 }
    /// Requests that one decision drops at most, so that it is short even if all deadlines end at once.
    private static var dropLimit: Int { 256 }

    /// An open, empty gate without a model.
    package init() { shares.add(.loading, weight: Self.loadingWeight) }

    // MARK: Models

    /// Takes in a model and numbers it.
    ///
    /// - Parameters:
    ///   - costs: what is known of its costs
    ///   - weight: its seconds in relation to those of others, while all have work; nil for that of the configuration
    package mutating func addModel(
        _ configuration: GateConfiguration, costs: CostModel = CostModel(), weight: Double? = nil
    ) -> Int {
        lastModel += 1
        models[lastModel] = ModelQueue(configuration, costs: costs)
        shares.add(.model(lastModel), weight: weight ?? configuration.weight)
        return lastModel
    }

    /// Changes a model's seconds in relation to those of others, from its next batch on.
    package mutating func change(weight: Double, of model: Int) { shares.change(weight: weight, of: .model(model)) }

    /// Turns further requests to a model away; those that wait still run.
    package mutating func closeModel(_ model: Int) {
        modify(model) {
            $0.isClosed = true; $0.lingers = false
        }
    }

    /// Forgets a model. None of its batches may run, and what waits for it will not.
    package mutating func removeModel(_ model: Int) {
        precondition(running?.tenant != .model(model))
        models[model] = nil
        shares.remove(.model(model))
    }

    /// Takes note of the pages of a model that are free for sequences to begin, nil for any, and of those that
    /// sequences will give back.
    package mutating func setFreePages(_ pages: Int?, releases: [PageRelease] = [], of model: Int) {
        modify(model) { ($0.freePages, $0.pageReleases) = (pages, releases) }
    }

    // MARK: Requests

    /// Lets a request in with all its slices, and numbers it, or turns it away.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func submit(
        _ slices: [Slice], of flow: Flow = .others, to model: Int, deadline: Instant, at now: Instant
    ) -> Result<Int, Refusal> {
        let work = slices.reduce(into: WorkSize.zero) { $0 += $1.work }
        let refusal = refusal(of: work, slices: slices.count, in: flow, by: model, deadline: deadline, at: now)
        if let refusal {
            note(refusal, of: work, by: model, at: now)
            return .failure(refusal)
        }
        activate(model)
        lastRequest += 1
        let request = lastRequest
        modify(model) {
            $0.noteArrival()
            $0.append(request, slices, of: flow, deadline: deadline, at: now)
        }
        return .success(request)
    }

    /// Adds a further slice of a request that was let in.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func add(
        _ slice: Slice, to request: Int, in flow: Flow = .others, of model: Int, deadline: Instant, at now: Instant
    ) {
        activate(model)
        modify(model) { $0.add(slice, to: request, of: flow, deadline: deadline, at: now) }
    }

    /// Returns the refusal that a request would certainly get now of which no more is known than that it has at least
    /// this work and so many slices; nil if it may be let in.
    @_specialize(where Instant == ContinuousClock.Instant)
    package func refusal(
        forAtLeast work: WorkSize, slices: Int, in flow: Flow = .others, by model: Int, deadline: Instant,
        at now: Instant
    ) -> Refusal? {
        refusal(of: work, slices: slices, in: flow, withCompany: false, by: model, deadline: deadline, at: now)
    }

    /// Takes note that somebody was told to come back: the next one is told to come behind it, and nobody smaller is let
    /// in past it.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func note(_ refusal: Refusal, of work: WorkSize, by model: Int, at now: Instant) {
        guard refusal.reason == .deadline || refusal.reason == .queueFull else { return }
        let limit = batchLimit(beside: model)
        modify(model) {
            $0.noteArrival(turnedAway: refusal.reason == .deadline ? work : .zero)
            $0.promise(until: now.advanced(by: refusal.retryAfter + .seconds($0.seconds(work, within: limit))))
        }
    }

    /// Forgets what waits of a request: it is answered, expired, or nobody waits for it.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func remove(_ request: Int, of model: Int) { modify(model) { $0.remove(request) } }

    /// Waits for company no longer.
    package mutating func stopLingering() {
        for model in Array(models.keys) { modify(model) { $0.lingers = false } }
    }

    // MARK: Batches and turns

    /// Asks for the engine for work that is no request's.
    package mutating func requestTurn() {
        if turnsWaited == 0, running?.tenant != .loading { shares.activate(.loading) }
        turnsWaited += 1
    }

    /// Decides what the engine does next. It must be neither running a batch nor lent.
    ///
    /// - Parameter isAwaited: asked when it is a request's turn, whether somebody still waits for it.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func next(at now: Instant, isAwaited: (Int) -> Bool) -> Decision {
        precondition(running == nil)
        let expired = removeExpired(at: now)
        guard expired.count < Self.dropLimit else { return Decision(step: .again, dropped: expired) }
        var lingering: Instant?
        var candidates: [Tenant] = turnsWaited > 0 ? [.loading] : []
        for (model, queue) in models {
            switch queue.readiness(at: now) {
            case .empty: break
            case .ready: candidates.append(.model(model))
            case .lingering(let end): lingering = min(lingering ?? end, end)
            }
        }
        let tenant = candidates.min { (shares.start($0), $0.order) < (shares.start($1), $1.order) }
        switch tenant {
        case nil:
            if let lingering { return Decision(step: .wait(until: lingering), dropped: expired) }
            shares.rest()
            return Decision(step: .idle, dropped: expired)
        case .loading:
            turnsWaited -= 1
            start(.loading, items: 0, .zero, seconds: Self.expectedTurn, at: now)
            return Decision(step: .lend, dropped: expired)
        case .model(let model):
            let limit = batchLimit(beside: model)
            var taken: (batch: [BatchItem], dropped: [Int]) = ([], [])
            modify(model) {
                taken = $0.takeBatch(at: now, within: limit, dropLimit: Self.dropLimit, isAwaited: isAwaited)
            }
            let dropped = expired + taken.dropped
            guard !taken.batch.isEmpty else {
                let isEmpty = turnsWaited == 0 && models.values.allSatisfy(\.isEmpty)
                return Decision(step: isEmpty ? .idle : .again, dropped: dropped)
            }
            let work = taken.batch.reduce(into: WorkSize.zero) { $0 += $1.slice.work }
            let isDecode = taken.batch.allSatisfy { $0.slice.kind == .decode }
            start(
                .model(model), items: taken.batch.count, work, seconds: costs(model).seconds(work), isDecode: isDecode,
                at: now)
            return Decision(step: .run(model: model, taken.batch), dropped: dropped)
        }
    }

    /// Takes note that the batch is over.
    ///
    /// - Parameters:
    ///   - seconds: how long its forward pass took; nil if it was not done as a whole, and teaches nothing
    ///   - total: how long the engine was busy with it
    /// - Returns: how long it was expected to take, in seconds.
    @discardableResult
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func finishBatch(seconds: Double?, lasting total: Double) -> Double {
        guard let running, case .model(let model) = running.tenant else { return 0 }
        end(running, after: total)
        if let seconds { modify(model) { $0.observe(running.work, seconds: seconds, isDecode: running.isDecode) } }
        return running.seconds
    }

    /// Takes note that the engine is given back.
    package mutating func finishTurn(seconds: Double) {
        guard let running, running.tenant == .loading else { return }
        end(running, after: seconds)
    }

    private mutating func removeExpired(at now: Instant) -> [Int] {
        var expired: [Int] = []
        for model in Array(models.keys) where expired.count < Self.dropLimit {
            modify(model) { expired += $0.removeExpired(at: now, limit: Self.dropLimit - expired.count) }
        }
        return expired
    }

    private mutating func start(
        _ tenant: Tenant, items: Int, _ work: WorkSize, seconds: Double, isDecode: Bool = false, at now: Instant
    ) {
        shares.begin(tenant, seconds: seconds)
        running = Running(
            tenant: tenant, items: items, work: work, isDecode: isDecode, seconds: seconds,
            expectedEnd: now.advanced(by: .seconds(seconds)))
    }

    private mutating func end(_ running: Running, after seconds: Double) {
        shares.advance(running.tenant, seconds: seconds - running.seconds)
        self.running = nil
        last = running.tenant
    }

    private mutating func activate(_ model: Int) {
        guard isIdle(model) else { return }
        shares.activate(.model(model))
        modify(model) { $0.rest() }
    }

    /// Changes a model's queue in its place: nobody may hold a copy of it, which all that waits would be copied for.
    private mutating func modify(_ model: Int, _ body: (inout ModelQueue<Instant>) -> Void) {
        if var queue = models.removeValue(forKey: model) {
            body(&queue)
            models[model] = queue
        }
    }
}

extension Tenant {
    /// Tells tenants apart that have the same start.
    fileprivate var order: Int { if case .model(let number) = self { number } else { .max } }
}
