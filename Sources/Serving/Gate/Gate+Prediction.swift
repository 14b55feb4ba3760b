extension Gate {
    /// Seconds that a batch of a model may take, so that others need not wait longer than they can bear; nil if nobody
    /// else waits.
    func batchLimit(beside model: Int) -> Double? {
        // A load asks for turn after turn, with a little work of its own in between.
        guard turnsWaited == 0, last != .loading else { return Self.longestBatch }
        return models.lazy.filter { $0.key != model && !$0.value.isEmpty }.map { patience(of: $0.value) }.min()
    }

    /// Seconds that the batch of another model may take while this one waits: those of its own batch whose cost per batch
    /// is a twentieth of the rest, within bounds.
    ///
    /// A large model needs some 30 ms to read its weights once. If others of its kind wait, and each had 50 ms at a time,
    /// all of them would spend half of their time on that. A small one is done in less, and so never waits longer for any.
    private func patience(of queue: ModelQueue<Instant>) -> Double {
        guard queue.configuration.steps == nil else { return Self.longestBatch }
        return min(max(Self.longestBatch, queue.costs.secondsPerBatch * 21), Self.longestBatchAmongLarge)
    }

    /// The reason to turn a request away, and when to come back; nil if it may enter.
    ///
    /// - Parameter withCompany: whether those who come behind it and fill its last batch up are counted. Of a request
    ///   of which no more is known than its least they are not: a larger one has room for less of them, so that it can
    ///   be done earlier.
    func refusal(
        of work: WorkSize, slices: Int, in flow: Flow, withCompany: Bool = true, by model: Int, deadline: Instant,
        at now: Instant
    ) -> Refusal? {
        guard let queue = models[model], !queue.isClosed else { return .unloaded }
        let (allowed, configuration) = (now.duration(to: deadline), queue.configuration)
        guard allowed > .zero else { return Refusal(reason: .expired, retryAfter: .zero) }
        guard Int(work.tokens) <= configuration.maxQueueTokens else {
            return Refusal(reason: .tooLarge, retryAfter: .zero)
        }
        // Also told by an idle engine: the best time ever is no prediction that a slow spell could spoil.
        let least = queue.costs.leastSeconds(work)
        guard .seconds(least) <= allowed else { return Refusal(reason: .neverInTime, retryAfter: .zero) }
        let limit = batchLimit(beside: model)
        // Else an idle model lets one in, whatever it expects: only batches that run can teach it better.
        let isIdle = isIdle(model)
        guard !isIdle || limit != nil || running != nil else { return nil }
        let pages = queue.secondsUntilPages(for: work, slices: slices)
        let excess = queue.excess(of: flow, adding: work)
        guard excess <= 0 else {
            let drained = queue.waiting.size * (excess / max(1, queue.waiting.size.tokens))
            let wait = runningSeconds(at: now) + queue.seconds(drained, within: limit)
            return Refusal(reason: .queueFull, retryAfter: queue.slot(after: .seconds(max(wait, pages)), at: now))
        }
        let ahead = queue.waiting.workAhead(of: flow, items: slices, work) + queue.going.promptWork
        func time(_ work: WorkSize) -> Duration {
            let all = withCompany ? queue.withCompany(work, behind: ahead, within: limit) : ahead + work
            let own = isIdle ? least : queue.seconds(all, within: limit)
            let batches = isIdle ? 1 : queue.batches(all, within: limit)
            return .seconds(
                (runningSeconds(at: now) + own) * queue.uncertainty
                    + secondsOfOthers(before: own - own / Double(max(1, batches)), of: model))
        }
        var needed = time(work)
        // Else short requests would fill what room there is, and long ones find none: who is not early and not among the
        // first is let in if the largest of those would be that were turned away.
        if needed * 2 > allowed, ahead.tokens >= queue.turnedAway.tokens {
            needed = time(work.atLeast(queue.turnedAway))
        }
        let late = needed - allowed
        guard late <= .zero else {
            return Refusal(reason: .deadline, retryAfter: queue.slot(after: max(late, .seconds(pages)), at: now))
        }
        return nil
    }

    /// Seconds until the engine would be done with all that is here, if nothing more came: what is left of the running
    /// batch, and what waits for each model. The tokens that texts will have behind their prompts are not known, and not
    /// counted.
    @_specialize(where Instant == ContinuousClock.Instant)
    package func load(at now: Instant) -> Duration {
        var seconds = runningSeconds(at: now)
        for (model, queue) in models where !queue.isEmpty {
            let work = queue.waiting.size + queue.going.promptWork
            seconds += queue.seconds(work, within: batchLimit(beside: model))
        }
        return .seconds(min(seconds, Self.longestLoad))
    }

    /// Seconds of the largest load that is told.
    private static var longestLoad: Double { 86_400 }

    /// Returns what is left of the running batch or turn, in seconds.
    private func runningSeconds(at now: Instant) -> Double {
        running.map { max(.zero, now.duration(to: $0.expectedEnd)) / .seconds(1) } ?? 0
    }

    /// Seconds of all others that the shares put before a batch of a model.
    ///
    /// - Parameter seconds: what the model does itself before that batch
    private func secondsOfOthers(before seconds: Double, of model: Int) -> Double {
        let tenant = Tenant.model(model)
        let start = shares.start(tenant) + seconds / shares.weight(tenant)
        let own = models[model].map(patience) ?? Self.longestBatch
        var sum = 0.0
        for (other, queue) in models where other != model && !queue.isEmpty {
            let limit = min(own, batchLimit(beside: other) ?? own)
            // How long those that generate go on is not known.
            let all = queue.going.isEmpty ? queue.seconds(queue.waiting.size, within: limit) : .infinity
            // A slice that takes longer than a batch may runs alone, unless it can be cut.
            let slice = queue.configuration.steps == nil ? queue.secondsOfSlice : 0
            let batch = min(all, max(limit, slice))
            sum +=
                granted(to: .model(other), until: start, step: batch, all: all)
                * queue.uncertainty
        }
        let isLoading = turnsWaited > 0 || running?.tenant == .loading
        if isLoading { sum += granted(to: .loading, until: start, step: Self.expectedTurn, all: .infinity) }
        return sum
    }

    /// Seconds that a tenant gets until the work of another one starts at a place in virtual time.
    ///
    /// - Parameters:
    ///   - step: seconds at one time
    ///   - all: seconds that it can use
    private func granted(to tenant: Tenant, until place: Double, step: Double, all: Double) -> Double {
        let before = (place - shares.start(tenant)) * shares.weight(tenant)
        return before < 0 ? 0 : min(all, before + step)
    }
}
