extension ModelQueue {
    /// True if something can run: what has begun, or, with the pages that are free, what has not.
    var canStep: Bool {
        going.isReady(pages: freePages) || going.setBack.isEmpty && (waiting.first?.fits(freePages) ?? false)
    }

    /// Takes the next step of a model that generates, and the requests that were dropped because nobody waits for them.
    ///
    /// The next tokens of all sequences come first, then those that were set back. What is left of prompts and prompts
    /// that have not begun come first in turn, so that short prompts need not wait for long ones, nor long ones for
    /// ever. Guesses of next tokens come last.
    mutating func takeStep(
        _ rule: StepRule, at now: Instant, within limit: Double?, dropLimit: Int, isAwaited: (Int) -> Bool
    ) -> (batch: [BatchItem], dropped: [Int]) {
        var dropped: [Int] = []
        for request in going.requests.sorted() where dropped.count < dropLimit && !isAwaited(request) {
            remove(request)
            dropped.append(request)
        }
        var plan = StepPlan(rule, costs, pages: freePages, within: limit)
        let decodes = going.beginStep(&plan)
        var taken = going.takeSetBack(&plan)
        if going.restsFirst { taken += going.takeRests(&plan) }
        for item in taken { waiting.charge(item.flow, item.slice.work) }
        var batch = taken.map(\.batchItem)
        if going.setBack.isEmpty {
            let opened = takeOpenings(&plan, at: now, dropLimit: dropLimit - dropped.count, isAwaited: isAwaited)
            batch += opened.batch
            dropped += opened.dropped
        }
        if !going.restsFirst {
            let rests = going.takeRests(&plan)
            for item in rests { waiting.charge(item.flow, item.slice.work) }
            batch += rests.map(\.batchItem)
        }
        // Guesses have the time that is left.
        for item in decodes {
            let slice = item.slice.guessing(plan.take(guessesOf: item.slice))
            waiting.charge(item.flow, slice.work)
            batch.append(BatchItem(request: item.request, slice: slice))
        }
        return (batch, dropped)
    }

    private mutating func takeOpenings(
        _ plan: inout StepPlan, at now: Instant, dropLimit: Int, isAwaited: (Int) -> Bool
    ) -> (batch: [BatchItem], dropped: [Int]) {
        let costs = costs
        var cuts: [(Slice, Slice)] = []
        let opened = waiting.takeBatch(
            tokens: max(1, plan.tokensLeft), items: configuration.maxBatchItems, dropLimit: dropLimit,
            isAwaited: isAwaited
        ) { work, deadline in
            now.advanced(by: .seconds(costs.seconds(work))) > deadline
        } part: { slice in
            let part = plan.take(prompt: slice)
            if let part { cuts.append((slice, part)) }
            return part
        } isInTime: { _, _ in
            true
        }
        for (slice, part) in cuts { going.noteCut(slice, to: part) }
        return opened
    }

    // MARK: Prediction

    /// Tokens of prompts that a step has beside the next tokens of the last one.
    func promptTokens(_ rule: StepRule, within limit: Double?) -> Int {
        let decodes = going.lastDecodes
        let most = max(1, rule.mostTokens - Int(decodes.tokens))
        guard decodes.tokens > 0 || limit != nil else { return most }
        let gap = max(rule.tokenGap, StepRule.stretch * costs.seconds(decodes))
        let seconds = min(limit ?? .infinity, gap) - costs.seconds(decodes, batches: 0)
        let fitting = costs.tokens(within: seconds, of: typicalToken) ?? most
        return min(most, max(StepRule.leastPromptTokens, fitting))
    }
}
