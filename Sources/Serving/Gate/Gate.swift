/// How much the gate lets in, and how it makes batches.
package struct GateConfiguration: Sendable {
    /// Tokens of a batch; nil for as few as the cost model finds within 3 % of the best time per token.
    package var maxBatchTokens: Int?
    /// Tokens that a batch can have at most, whatever the cost model finds: what the workspace holds.
    package var batchTokenCapacity = 2048
    /// Sequences of a batch.
    package var maxBatchItems = 1024
    /// How long an idle engine waits for company for the first sequence; ends early when the budget is full.
    package var batchLinger = Duration.zero
    /// Tokens that may wait.
    package var maxQueueTokens = 1 << 20
    /// The most that anybody is told to wait before they come back.
    package var longestRetryAfter = Duration.seconds(60)

    /// The defaults.
    package init() {}
}

/// Decides which requests enter, in which batches they run, and what is told to those that cannot.
///
/// A pure state machine: it is told what happens and when, and answers what to do. Nothing in it waits, runs or locks.
/// Times are instants of any clock.
package struct Gate<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// Why a request is turned away.
    package struct Refusal: Sendable, Equatable {
        package enum Reason: Sendable, Equatable {
            /// Its deadline is over already.
            case expired
            /// It would not be done by its deadline.
            case deadline
            /// Too much waits already.
            case queueFull
            /// It has more tokens than may ever wait.
            case tooLarge
            /// No more requests are taken.
            case draining
        }

        package let reason: Reason
        /// After this time it would have been let in, if nothing else comes.
        package let retryAfter: Duration
    }

    /// What the idle engine does next.
    package enum Step: Sendable, Equatable {
        /// Run these, and then say so by ``finishBatch(seconds:)``.
        case run([QueuedItem])
        /// Ask again at this time, or when a request was submitted.
        case wait(until: Instant)
        /// Ask again when a request was submitted.
        case idle
    }

    /// What work costs.
    package private(set) var costs: CostModel
    /// Whether requests are turned away because the server goes down.
    package private(set) var isDraining = false

    private let configuration: GateConfiguration
    private var queue = FairQueue<Instant>()
    private var lastRequest = 0
    /// When the first of the waiting sequences came, or before: it is set when the queue stops being empty.
    private var waitingSince: Instant?
    private var running: (work: WorkSize, expectedEnd: Instant)?
    /// When those who were told to come back will all have been served, if they do.
    private var promisedUntil: Instant?
    /// Σlength² / Σlength of recent batches: the length of the sequence that a token belongs to, on average.
    private var typicalLength = 32.0

    /// An open, empty gate.
    package init(_ configuration: GateConfiguration, costs: CostModel = CostModel()) {
        self.configuration = configuration
        self.costs = costs
    }

    /// Sequences and tokens that wait.
    package var waiting: (items: Int, tokens: Int) { (queue.count, Int(queue.size.tokens)) }

    /// Tokens that the next batch may have.
    package var batchBudget: Int {
        if let fixed = configuration.maxBatchTokens { return fixed }
        let found = costs.budget(within: 0.03, sequenceLength: typicalLength) ?? configuration.batchTokenCapacity
        return min(max(found, 1), configuration.batchTokenCapacity)
    }

    // MARK: Requests

    /// Lets a request in with all its sequences, and numbers it, or turns it away.
    package mutating func submit(
        lengths: [Int], deadline: Instant, at now: Instant
    ) -> Result<Int, Refusal> {
        let work = WorkSize(lengths: lengths)
        guard !isDraining else { return .failure(Refusal(reason: .draining, retryAfter: .seconds(1))) }
        guard now < deadline else { return .failure(Refusal(reason: .expired, retryAfter: .zero)) }
        guard Int(work.tokens) <= configuration.maxQueueTokens else {
            return .failure(Refusal(reason: .tooLarge, retryAfter: .zero))
        }
        let excess = queue.size.tokens + work.tokens - Double(configuration.maxQueueTokens)
        guard excess <= 0 else {
            let share = excess / max(1, queue.size.tokens)
            let drained = WorkSize(tokens: excess, squares: queue.size.squares * share)
            let wait = runningTime(at: now) + time(drained)
            return .failure(Refusal(reason: .queueFull, retryAfter: promise(work, after: wait, at: now)))
        }
        let late = deadline.duration(to: predictedEnd(work, items: lengths.count, at: now))
        guard late <= .zero else {
            return .failure(Refusal(reason: .deadline, retryAfter: promise(work, after: late, at: now)))
        }

        if queue.isEmpty { waitingSince = now }
        lastRequest += 1
        queue.append(lastRequest, lengths: lengths, deadline: deadline)
        return .success(lastRequest)
    }

    /// Forgets what waits of a request: it is answered, expired, or nobody waits for it.
    package mutating func remove(_ request: Int) { queue.remove(request) }

    /// Turns all further requests away; those that wait still run.
    package mutating func drain() { isDraining = true }

    // MARK: Batches

    /// What the engine does next. It must not be running a batch.
    package mutating func next(at now: Instant) -> Step {
        precondition(running == nil)
        guard !queue.isEmpty else { return .idle }
        let budget = batchBudget
        if configuration.batchLinger > .zero, Int(queue.size.tokens) < budget, !isDraining {
            let end = (waitingSince ?? now).advanced(by: configuration.batchLinger)
            if now < end { return .wait(until: end) }
        }
        // All of a batch are done at its end, so a long one would be too late for those who came first.
        let (costs, uncertainty) = (costs, uncertainty)
        let batch = queue.takeBatch(tokens: budget, items: configuration.maxBatchItems) { work, deadline in
            now.advanced(by: .seconds(costs.seconds(work)) * uncertainty) <= deadline
        }
        let work = WorkSize(lengths: batch.lazy.map(\.length))
        running = (work, now.advanced(by: .seconds(costs.seconds(work))))
        return .run(batch)
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

    // MARK: Prediction

    /// When a request of this work would be done if it came now, on the safe side.
    private func predictedEnd(_ work: WorkSize, items: Int, at now: Instant) -> Instant {
        let ahead = queue.workAhead(ofItems: items)
        var all = ahead
        all += work
        // Its last batch is not over before those who come behind it and fill that batch up are done, too. How many come
        // is not known; while it waits for some work, hardly more than as much again.
        let batches = (all.tokens / Double(batchBudget)).rounded(.up)
        let company = min(batches * Double(batchBudget) - all.tokens, ahead.tokens)
        if company > 0 { all += WorkSize(tokens: company, squares: company * typicalLength) }
        return now.advanced(by: (runningTime(at: now) + time(all)) * uncertainty)
    }

    /// The time after which one more who is turned away gets in: when it would be let in now, and behind those who were
    /// told to come back before it.
    private mutating func promise(_ work: WorkSize, after wait: Duration, at now: Instant) -> Duration {
        let latest = now.advanced(by: configuration.longestRetryAfter)
        let slot = min(latest, max(now.advanced(by: wait), promisedUntil ?? now))
        promisedUntil = slot.advanced(by: time(work))
        return now.duration(to: slot)
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

extension Gate.Refusal: Error {}
