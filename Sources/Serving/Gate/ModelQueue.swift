/// The queue of one model, which knows what its work costs and puts it into batches.
struct ModelQueue<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// A state that says whether there is something to run.
    enum Readiness {
        case empty
        /// It waits for company until then.
        case lingering(until: Instant)
        case ready
    }

    private(set) var costs: CostModel
    let configuration: GateConfiguration
    /// The slices that wait in turns: all of them, but for what has begun to generate.
    var waiting = FairQueue<Instant>()
    /// The sequences that have begun to generate.
    var going = StepQueue()
    /// Pages that are free for sequences to begin; nil for any.
    var freePages: Int?
    /// Pages that sequences will give back.
    var pageReleases: [PageRelease] = []
    /// True if what comes first waits for company, as configured.
    var lingers = true
    /// True if further requests are turned away.
    var isClosed = false
    /// The instant at which the first of the waiting slices came, or one before: it is set when the queue stops being empty.
    private var waitingSince: Instant?
    /// The instant at which all who were told to come back will have been served, if they do.
    private var promisedUntil: Instant?
    /// The work of a token of recent batches, on average.
    private(set) var typicalToken = WorkSize(tokens: 1, pairs: 32)
    /// The largest work that was turned away of late for want of time, less a five-hundredth for each that came since.
    private(set) var turnedAway = WorkSize.zero
    private var batchesStarted = 0

    /// The smallest budget that the cost model may find. Kernels work on blocks of 48 rows, so that smaller batches
    /// save no time; and batches of several sequences tell the cost of a batch from that of a token.
    private static var leastBudget: Int { 64 }
    /// One batch of so many has another size than the budget, an eighth of it or twice as much in turn: full batches of
    /// always the same size confirm any fit that is right for that size alone.
    private static var probeInterval: Int { 8 }

    init(_ configuration: GateConfiguration, costs: CostModel) {
        self.configuration = configuration
        self.costs = costs
    }

    var isEmpty: Bool { waiting.isEmpty && going.isEmpty }

    /// Tokens that a batch may have.
    ///
    /// - Parameter limit: seconds that it may take; nil for any
    func budget(within limit: Double? = nil) -> Int {
        if let rule = configuration.steps { return promptTokens(rule, within: limit) }
        let budget = ownBudget
        guard let limit, let most = costs.tokens(within: limit, of: typicalToken) else { return budget }
        return max(1, min(budget, most))
    }

    private var ownBudget: Int {
        if let fixed = configuration.maxBatchTokens { return fixed }
        let found = costs.budget(within: 0.03, of: typicalToken) ?? configuration.batchTokenCapacity
        return min(max(found, Self.leastBudget), configuration.batchTokenCapacity)
    }

    /// Tokens that the next batch may have: the budget, or another number to see what that costs.
    private var nextBudget: Int {
        let (probe, rest) = (batchesStarted + 1).quotientAndRemainder(dividingBy: Self.probeInterval)
        guard configuration.maxBatchTokens == nil, rest == 0 else { return ownBudget }
        return probe.isMultiple(of: 2) ? ownBudget / 8 : min(2 * ownBudget, configuration.batchTokenCapacity)
    }

    // MARK: Requests

    /// Takes note of a request that came, and of its work if it was turned away for want of time.
    mutating func noteArrival(turnedAway work: WorkSize = .zero) { turnedAway = work.atLeast(turnedAway * 0.998) }

    mutating func append(_ request: Int, _ slices: [Slice], of flow: Flow, deadline: Instant, at now: Instant) {
        if waiting.isEmpty { waitingSince = now }
        waiting.append(request, slices, of: flow, deadline: deadline)
    }

    mutating func add(_ slice: Slice, to request: Int, of flow: Flow, deadline: Instant, at now: Instant) {
        if waiting.isEmpty { waitingSince = now }
        guard !going.add(slice, to: request, of: flow) else { return }
        waiting.add(slice, to: request, of: flow, deadline: deadline)
    }

    /// Takes note that nothing waits or runs.
    mutating func rest() { waiting.rest() }

    mutating func remove(_ request: Int) {
        waiting.remove(request)
        going.remove(request)
    }

    mutating func removeExpired(at now: Instant, limit: Int) -> [Int] { waiting.removeExpired(at: now, limit: limit) }

    /// Takes note that somebody was told to come back, so that the next one is told to come behind it.
    mutating func promise(until instant: Instant) { promisedUntil = instant }

    /// The time after which one more who is turned away gets in: when it would be let in now, and behind those who were
    /// told to come back before it.
    func slot(after wait: Duration, at now: Instant) -> Duration {
        let promised = promisedUntil.map { now.duration(to: $0) } ?? .zero
        return min(configuration.longestRetryAfter, max(wait, promised))
    }

    /// Tokens that have no room. None have none while a flow has less than its share of the room, and there is twice as
    /// much of it together: it is not for others to take.
    func excess(of flow: Flow, adding work: WorkSize) -> Double {
        let room = Double(configuration.maxQueueTokens)
        let all = waiting.size.tokens + work.tokens
        let isInShare = waiting.size(of: flow).tokens + work.tokens <= room * waiting.share(of: flow)
        return max(0, all - (isInShare ? 2 * room : room))
    }

    // MARK: Batches

    func readiness(at now: Instant) -> Readiness {
        if configuration.steps != nil { return canStep ? .ready : .empty }
        guard !waiting.isEmpty else { return .empty }
        guard configuration.batchLinger > .zero, lingers, Int(waiting.size.tokens) < nextBudget,
            let end = waitingSince?.advanced(by: configuration.batchLinger), now < end
        else { return .ready }
        return .lingering(until: end)
    }

    /// Takes the next batch, and the requests that were dropped because nobody waits for them, or they would be late.
    ///
    /// - Parameter limit: seconds that it may take if it is more than one slice; nil for any
    mutating func takeBatch(
        at now: Instant, within limit: Double?, dropLimit: Int, isAwaited: (Int) -> Bool
    ) -> (batch: [BatchItem], dropped: [Int]) {
        if let rule = configuration.steps {
            return takeStep(rule, at: now, within: limit, dropLimit: dropLimit, isAwaited: isAwaited)
        }
        // All of a batch are done at its end, so a long one would be too late for those who came first.
        let (costs, uncertainty) = (costs, uncertainty)
        let taken = waiting.takeBatch(
            tokens: nextBudget, items: configuration.maxBatchItems, dropLimit: dropLimit, isAwaited: isAwaited
        ) { work, deadline in
            now.advanced(by: .seconds(costs.seconds(work))) > deadline
        } isInTime: { work, deadline in
            let seconds = costs.seconds(work)
            return seconds <= limit ?? .infinity && now.advanced(by: .seconds(seconds) * uncertainty) <= deadline
        }
        if !taken.batch.isEmpty { batchesStarted += 1 }
        return taken
    }

    /// Learns from a batch that was run.
    mutating func observe(_ work: WorkSize, seconds: Double, isDecode: Bool) {
        costs.observe(work, seconds: seconds, isDecode: isDecode)
        guard !isDecode else { return }
        let token = work * (1 / max(1, work.tokens))
        typicalToken = WorkSize(
            tokens: 1, pairs: 0.9 * typicalToken.pairs + 0.1 * token.pairs,
            outputs: 0.9 * typicalToken.outputs + 0.1 * token.outputs)
    }

    // MARK: Prediction

    /// Seconds of the whole work, in batches of the budget.
    ///
    /// - Parameter limit: seconds of the longest batch; nil for any
    func seconds(_ work: WorkSize, within limit: Double?) -> Double {
        let batches = batches(work, within: limit)
        return costs.seconds(work + going.lastDecodes * Double(batches), batches: batches)
    }

    /// Seconds of a slice of those that wait, on average.
    var secondsOfSlice: Double { costs.seconds(waiting.size * (1 / Double(max(1, waiting.count)))) }

    func batches(_ work: WorkSize, within limit: Double?) -> Int {
        Int((work.tokens / Double(budget(within: limit))).rounded(.up))
    }

    /// By how much times are taken longer than predicted, to be on the safe side.
    var uncertainty: Double { 1 + 2 * min(costs.relativeError, 0.25) }

    /// Returns the work that is done before a request of this work is answered that comes behind others of its model.
    func withCompany(_ work: WorkSize, behind ahead: WorkSize, within limit: Double?) -> WorkSize {
        let all = ahead + work
        // Its last batch is not over before those who come behind it and fill that batch up are done, too. How many
        // come is not known; while it waits for some work, hardly more than as much again.
        let tokens = Double(batches(all, within: limit) * budget(within: limit))
        return all + typicalToken * max(0, min(tokens - all.tokens, ahead.tokens))
    }
}
