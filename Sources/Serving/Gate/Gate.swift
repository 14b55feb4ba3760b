/// Decides which requests enter, in which batches they run, and what is told to those that cannot.
///
/// A pure state machine: it is told what happens and when, and answers what to do. Nothing in it waits, runs or locks.
/// Times are instants of any clock. No operation takes longer than logarithmic time in the number of sequences that wait.
package struct Gate<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// What the idle engine does next.
    package enum Step: Sendable, Equatable {
        /// Run these, and then say so by ``finishBatch(seconds:)``.
        case run([QueuedItem])
        /// Ask again at this time, or when a request was submitted.
        case wait(until: Instant)
        /// Ask again when a request was submitted.
        case idle
        /// Ask again at once: there may be more requests to drop.
        case again
    }

    /// A step, and the requests that were dropped because their deadlines are over or nobody waits for them.
    package struct Decision: Sendable, Equatable {
        package let step: Step
        package let dropped: [Int]
    }

    /// What work costs.
    package private(set) var costs: CostModel
    /// Whether requests are turned away because the server goes down.
    package private(set) var isDraining = false

    private let configuration: GateConfiguration
    private var lingers = true
    private var queue = FairQueue<Instant>()
    private var lastRequest = 0
    /// When the first of the waiting sequences came, or before: it is set when the queue stops being empty.
    private var waitingSince: Instant?
    private var running: (work: WorkSize, expectedEnd: Instant)?
    /// When those who were told to come back will all have been served, if they do.
    private var promisedUntil: Instant?
    /// Σlength² / Σlength of recent batches: the length of the sequence that a token belongs to, on average.
    private var typicalLength = 32.0
    private var batchesStarted = 0

    /// Requests that one decision drops at most, so that it is short even if all deadlines end at once.
    private static var dropLimit: Int { 256 }
    /// The smallest budget that the cost model may find. Kernels work on blocks of 48 rows, so that smaller batches save
    /// no time; and batches of several sequences tell the cost of a batch from that of a token.
    private static var leastBudget: Int { 64 }
    /// One batch of so many has another size than the budget, an eighth of it or twice as much in turn: full batches of
    /// always the same size confirm any fit that is right for that size alone.
    private static var probeInterval: Int { 8 }

    /// An open, empty gate.
    package init(_ configuration: GateConfiguration, costs: CostModel = CostModel()) {
        self.configuration = configuration
        self.costs = costs
    }

    /// Sequences and tokens that wait.
    package var waiting: (items: Int, tokens: Int) { (queue.count, Int(queue.size.tokens)) }

    /// Tokens that a batch may have.
    package var batchBudget: Int {
        if let fixed = configuration.maxBatchTokens { return fixed }
        let found = costs.budget(within: 0.03, sequenceLength: typicalLength) ?? configuration.batchTokenCapacity
        return min(max(found, Self.leastBudget), configuration.batchTokenCapacity)
    }

    /// Tokens that the next batch may have: the budget, or another number to see what that costs.
    private var nextBudget: Int {
        let budget = batchBudget
        let (probe, rest) = (batchesStarted + 1).quotientAndRemainder(dividingBy: Self.probeInterval)
        guard configuration.maxBatchTokens == nil, rest == 0 else { return budget }
        return probe.isMultiple(of: 2) ? budget / 8 : min(2 * budget, configuration.batchTokenCapacity)
    }

    // MARK: Requests

    /// Lets a request in with all its sequences, and numbers it, or turns it away.
    package mutating func submit(
        lengths: [Int], deadline: Instant, at now: Instant
    ) -> Result<Int, Refusal> {
        let work = WorkSize(lengths: lengths)
        let all = withCompany(work, behind: queue.workAhead(ofItems: lengths.count))
        if let refusal = refusal(of: work, doneWith: all, deadline: deadline, at: now) {
            note(refusal, of: work, at: now)
            return .failure(refusal)
        }
        if queue.isEmpty { waitingSince = now }
        lastRequest += 1
        queue.append(lastRequest, lengths: lengths, deadline: deadline)
        return .success(lastRequest)
    }

    /// Returns the refusal that a request would certainly get now of which no more is known than that it has at least this
    /// work and so many sequences; nil if it may be let in.
    package func refusal(
        forAtLeast work: WorkSize, sequences: Int, deadline: Instant, at now: Instant
    ) -> Refusal? {
        // Company is left out: a larger request has room for less of it, so that it can be done earlier than this one.
        refusal(of: work, doneWith: queue.workAhead(ofItems: sequences) + work, deadline: deadline, at: now)
    }

    /// Takes note that somebody was told to come back: the next one is told to come behind it.
    package mutating func note(_ refusal: Refusal, of work: WorkSize, at now: Instant) {
        guard refusal.reason == .deadline || refusal.reason == .queueFull else { return }
        promisedUntil = now.advanced(by: refusal.retryAfter + time(work))
    }

    /// Forgets what waits of a request: it is answered, expired, or nobody waits for it.
    package mutating func remove(_ request: Int) { queue.remove(request) }

    /// Turns all further requests away; those that wait still run.
    package mutating func drain() {
        isDraining = true
        stopLingering()
    }

    /// Waits for company no longer.
    package mutating func stopLingering() { lingers = false }

    // MARK: Batches

    /// Decides what the engine does next. It must not be running a batch.
    ///
    /// - Parameter isAwaited: asked when it is a request's turn, whether somebody still waits for it.
    package mutating func next(at now: Instant, isAwaited: (Int) -> Bool) -> Decision {
        precondition(running == nil)
        let expired = queue.removeExpired(at: now, limit: Self.dropLimit)
        guard expired.count < Self.dropLimit else { return Decision(step: .again, dropped: expired) }
        let budget = nextBudget
        if let end = lingerEnd(budget: budget), now < end {
            return Decision(step: .wait(until: end), dropped: expired)
        }
        // All of a batch are done at its end, so a long one would be too late for those who came first.
        let (costs, uncertainty) = (costs, uncertainty)
        let (batch, gone) = queue.takeBatch(
            tokens: budget, items: configuration.maxBatchItems, dropLimit: Self.dropLimit, isAwaited: isAwaited
        ) { work, deadline in
            now.advanced(by: .seconds(costs.seconds(work)) * uncertainty) <= deadline
        }
        return Decision(step: start(batch, at: now), dropped: expired + gone)
    }

    /// Takes note that the batch is over.
    ///
    /// - Parameter seconds: how long its forward pass took; nil if it was not done as a whole, and teaches nothing.
    /// - Returns: how long it was expected to take, in seconds.
    @discardableResult
    package mutating func finishBatch(seconds: Double?) -> Double {
        guard let work = running?.work else { return 0 }
        running = nil
        let expected = costs.seconds(work)
        guard let seconds else { return expected }
        costs.observe(work, seconds: seconds)
        typicalLength = 0.9 * typicalLength + 0.1 * work.squares / max(1, work.tokens)
        return expected
    }

    /// The end of the wait for company; nil if none is waited for.
    private func lingerEnd(budget: Int) -> Instant? {
        guard configuration.batchLinger > .zero, !queue.isEmpty, Int(queue.size.tokens) < budget, lingers
        else { return nil }
        return waitingSince?.advanced(by: configuration.batchLinger)
    }

    private mutating func start(_ batch: [QueuedItem], at now: Instant) -> Step {
        guard !batch.isEmpty else { return queue.isEmpty ? .idle : .again }
        let work = WorkSize(lengths: batch.lazy.map(\.length))
        running = (work, now.advanced(by: .seconds(costs.seconds(work))))
        batchesStarted += 1
        return .run(batch)
    }

    // MARK: Prediction

    /// The reason to turn a request away, and when to come back; nil if it may enter.
    ///
    /// - Parameter all: what is done before the request is answered, its own work included.
    private func refusal(
        of work: WorkSize, doneWith all: WorkSize, deadline: Instant, at now: Instant
    ) -> Refusal? {
        let allowed = now.duration(to: deadline)
        guard !isDraining else { return Refusal(reason: .draining, retryAfter: .seconds(1)) }
        guard allowed > .zero else { return Refusal(reason: .expired, retryAfter: .zero) }
        guard Int(work.tokens) <= configuration.maxQueueTokens else {
            return Refusal(reason: .tooLarge, retryAfter: .zero)
        }
        // Also told by an idle engine: the best time ever is no prediction that a slow spell could spoil.
        guard .seconds(costs.leastSeconds(work)) <= allowed else {
            return Refusal(reason: .neverInTime, retryAfter: .zero)
        }
        // Else an idle engine lets one in, whatever it expects: only batches that run can teach it better.
        guard running != nil || !queue.isEmpty else { return nil }
        let excess = queue.size.tokens + work.tokens - Double(configuration.maxQueueTokens)
        guard excess <= 0 else {
            let share = excess / max(1, queue.size.tokens)
            let drained = WorkSize(tokens: excess, squares: queue.size.squares * share)
            return Refusal(reason: .queueFull, retryAfter: slot(after: runningTime(at: now) + time(drained), at: now))
        }
        let late = (runningTime(at: now) + time(all)) * uncertainty - allowed
        guard late <= .zero else { return Refusal(reason: .deadline, retryAfter: slot(after: late, at: now)) }
        return nil
    }

    /// What is done before a request of this work is answered.
    private func withCompany(_ work: WorkSize, behind ahead: WorkSize) -> WorkSize {
        let all = ahead + work
        // Its last batch is not over before those who come behind it and fill that batch up are done, too. How many come
        // is not known; while it waits for some work, hardly more than as much again.
        let batches = (all.tokens / Double(batchBudget)).rounded(.up)
        let company = max(0, min(batches * Double(batchBudget) - all.tokens, ahead.tokens))
        return all + WorkSize(tokens: company, squares: company * typicalLength)
    }

    /// The time after which one more who is turned away gets in: when it would be let in now, and behind those who were
    /// told to come back before it.
    private func slot(after wait: Duration, at now: Instant) -> Duration {
        let promised = promisedUntil.map { now.duration(to: $0) } ?? .zero
        return min(configuration.longestRetryAfter, max(wait, promised))
    }

    /// By how much times are taken longer than predicted, to be on the safe side.
    private var uncertainty: Double { 1 + 2 * min(costs.relativeError, 0.25) }

    /// What is left of the running batch.
    private func runningTime(at now: Instant) -> Duration {
        running.map { max(.zero, now.duration(to: $0.expectedEnd)) } ?? .zero
    }

    private func time(_ work: WorkSize) -> Duration {
        let batches = (work.tokens / Double(batchBudget)).rounded(.up)
        return .seconds(costs.seconds(work, batches: Int(batches)))
    }
}
