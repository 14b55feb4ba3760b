import PenstockServing
import PenstockTestSupport
import Testing

/// An instant of a clock that stands until it is moved.
struct ManualInstant: InstantProtocol {
    var offset: Duration

    static let start = ManualInstant(offset: .zero)

    func advanced(by duration: Duration) -> ManualInstant { ManualInstant(offset: offset + duration) }
    func duration(to other: ManualInstant) -> Duration { other.offset - offset }
    static func < (a: ManualInstant, b: ManualInstant) -> Bool { a.offset < b.offset }
    static func + (instant: ManualInstant, duration: Duration) -> ManualInstant { instant.advanced(by: duration) }
}

@Suite struct GateTests {
    private let start = ManualInstant.start
    private let far = ManualInstant.start + .seconds(1000)

    /// 10 ms per batch and 1 ms per token.
    private static func costs() -> CostModel {
        var costs = CostModel()
        for tokens in [10, 20, 50, 100, 200] {
            costs.seed(WorkSize(tokens: Double(tokens), pairs: 0), seconds: 0.010 + 0.001 * Double(tokens))
        }
        return costs
    }

    private static func gate(
        budget: Int = 100, _ change: (inout GateConfiguration) -> Void = { _ in }
    ) -> Gate<ManualInstant> {
        var configuration = GateConfiguration()
        configuration.maxBatchTokens = budget
        change(&configuration)
        return Gate(configuration, costs: costs())
    }

    private func items(_ step: Gate<ManualInstant>.Step) -> [[Int]] {
        guard case .run(_, let items) = step else { return [] }
        return items.map { [$0.request, $0.slice.sequence] }
    }

    // MARK: Batches

    @Test func anIdleEngineStartsAtOnce() throws {
        var gate = Self.gate()
        #expect(gate.next(at: start) == .idle)
        let request = try gate.submit(lengths: [7], deadline: far, at: start).get()
        #expect(
            gate.next(at: start) == .run(model: 0, [BatchItem(request: request, slice: Slice(sequence: 0, length: 7))]))
        gate.finishBatch(seconds: 0.017)
        #expect(gate.next(at: start) == .idle)
    }

    @Test func whatComesWhileItIsBusyIsTheNextBatch() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [7], deadline: far, at: start).get()
        _ = gate.next(at: start)
        for _ in 0..<5 { _ = try gate.submit(lengths: [30], deadline: far, at: start).get() }
        gate.finishBatch(seconds: 0.017)
        #expect(items(gate.next(at: start)) == [[2, 0], [3, 0], [4, 0]])
        gate.finishBatch(seconds: 0.1)
        #expect(items(gate.next(at: start)) == [[5, 0], [6, 0]])
    }

    @Test func aSequenceLongerThanTheBudgetRunsAlone() throws {
        var gate = Self.gate()
        for length in [10, 500, 10] { _ = try gate.submit(lengths: [length], deadline: far, at: start).get() }
        var batches: [[[Int]]] = []
        for _ in 0..<3 {
            batches.append(items(gate.next(at: start)))
            gate.finishBatch(seconds: nil)
        }
        #expect(batches == [[[1, 0]], [[2, 0]], [[3, 0]]])
    }

    @Test func theNumberOfSequencesIsLimited() throws {
        var gate = Self.gate { $0.maxBatchItems = 2 }
        _ = try gate.submit(lengths: [1, 1, 1], deadline: far, at: start).get()
        #expect(items(gate.next(at: start)) == [[1, 0], [1, 1]])
    }

    @Test func requestsTakeTurnsAndKeepTheirOrder() throws {
        var gate = Self.gate(budget: 40)
        for lengths in [[10, 10, 10, 10], [10], [10, 10]] {
            _ = try gate.submit(lengths: lengths, deadline: far, at: start).get()
        }
        #expect(items(gate.next(at: start)) == [[1, 0], [2, 0], [3, 0], [1, 1]])
        gate.finishBatch(seconds: nil)
        #expect(items(gate.next(at: start)) == [[3, 1], [1, 2], [1, 3]])
        gate.finishBatch(seconds: nil)
        #expect(gate.next(at: start) == .idle)
        #expect(gate.waiting == (0, 0))
    }

    @Test func lingerCountsFromTheFirstAndEndsWhenTheBudgetIsFull() throws {
        var gate = Self.gate { $0.batchLinger = .milliseconds(5) }
        _ = try gate.submit(lengths: [10], deadline: far, at: start).get()
        let end = start + .milliseconds(5)
        #expect(gate.next(at: start) == .wait(until: end))
        _ = try gate.submit(lengths: [10], deadline: far, at: start + .milliseconds(3)).get()
        #expect(gate.next(at: start + .milliseconds(3)) == .wait(until: end))
        #expect(items(gate.next(at: end)) == [[1, 0], [2, 0]])
        gate.finishBatch(seconds: nil)

        _ = try gate.submit(lengths: [60], deadline: far, at: end).get()
        #expect(gate.next(at: end) == .wait(until: end + .milliseconds(5)))
        _ = try gate.submit(lengths: [40], deadline: far, at: end).get()
        #expect(items(gate.next(at: end)) == [[3, 0], [4, 0]])
    }

    @Test func aBatchIsNotSoLongThatItsFirstWouldBeLate() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [30], deadline: start + .milliseconds(100), at: start).get()
        for _ in 0..<3 { _ = try gate.submit(lengths: [30], deadline: far, at: start).get() }
        // 90 tokens would fit the budget and take 100 ms: just in time now, but not 1 ms later.
        #expect(items(gate.next(at: start + .milliseconds(1))) == [[1, 0], [2, 0]])
        gate.finishBatch(seconds: nil)
        #expect(items(gate.next(at: start + .milliseconds(71))) == [[3, 0], [4, 0]])
    }

    @Test func removedRequestsNeverRun() throws {
        var gate = Self.gate()
        for _ in 0..<3 { _ = try gate.submit(lengths: [10, 10], deadline: far, at: start).get() }
        gate.remove(2)
        gate.remove(2)
        gate.remove(77)
        #expect(gate.waiting == (4, 40))
        #expect(items(gate.next(at: start)) == [[1, 0], [3, 0], [1, 1], [3, 1]])
    }

    @Test func theBudgetIsTheSmallestWithinThreePercentOfTheBest() {
        // 10 ms per batch are 3 % of 1 ms per token at 334 tokens.
        var configuration = GateConfiguration()
        #expect(Gate<ManualInstant>(configuration, costs: Self.costs()).batchBudget == 334)
        configuration.batchTokenCapacity = 256
        #expect(Gate<ManualInstant>(configuration, costs: Self.costs()).batchBudget == 256)
        #expect(Gate<ManualInstant>(configuration).batchBudget == 256)
    }

    // MARK: Admission

    @Test func whatWouldMissItsDeadlineIsRefusedWithTheTimeThatItLacks() throws {
        var gate = Self.gate()
        // 110 ms each, one batch each.
        for _ in 0..<3 { _ = try gate.submit(lengths: [100], deadline: start + .seconds(1), at: start).get() }
        let refused = gate.submit(lengths: [100], deadline: start + .milliseconds(400), at: start)
        let refusal = try #require(Self.refusal(refused))
        #expect(refusal.reason == .deadline)
        #expect(abs(refusal.retryAfter / .milliseconds(1) - 40) < 0.01)
        #expect(gate.waiting == (3, 300))
        // Whoever waits as long as it was told gets in, once the first batch is over.
        _ = gate.next(at: start)
        gate.finishBatch(seconds: 0.11)
        let later = start + .milliseconds(110)
        _ = try gate.submit(lengths: [100], deadline: later + .milliseconds(400), at: later).get()
    }

    @Test func thoseWhoAreToComeBackGetTimesOneBehindTheOther() throws {
        var gate = Self.gate { $0.longestRetryAfter = .milliseconds(500) }
        for _ in 0..<4 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        let times = (0..<6).compactMap { _ in
            Self.refusal(gate.submit(lengths: [100], deadline: start + .milliseconds(400), at: start))?.retryAfter
        }
        // 110 ms each, the first when it would be let in now, none later than the limit.
        let expected: [Double] = [150, 260, 370, 480, 500, 500]
        #expect(times.count == expected.count)
        for (time, expected) in zip(times, expected) { #expect(abs(time / .milliseconds(1) - expected) < 0.01) }
    }

    @Test func companyThatMayFillTheBatchCounts() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [60], deadline: far, at: start).get()
        // 70 tokens would take 80 ms, but up to 30 more may come into their batch.
        let tight = gate.submit(lengths: [10], deadline: start + .milliseconds(100), at: start)
        #expect(Self.refusal(tight)?.reason == .deadline)
        _ = try gate.submit(lengths: [10], deadline: start + .milliseconds(110.1), at: start).get()
    }

    @Test func whatComesAfterItsDeadlineIsNotEvenConsidered() {
        var gate = Self.gate()
        let refused = gate.submit(lengths: [1], deadline: start, at: start)
        #expect(Self.refusal(refused)?.reason == .expired)
        #expect(gate.waiting == (0, 0))
    }

    @Test func theRunningBatchCountsForWhatIsLeftOfIt() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [100], deadline: far, at: start).get()
        _ = gate.next(at: start)
        let late = gate.submit(lengths: [90], deadline: start + .milliseconds(150), at: start)
        #expect(Self.refusal(late)?.reason == .deadline)
        let half = start + .milliseconds(60)
        _ = try gate.submit(lengths: [90], deadline: start + .milliseconds(215), at: half).get()
    }

    @Test func aSmallRequestIsNotHeldUpByALargeOne() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [Int](repeating: 50, count: 40), deadline: far, at: start).get()
        // In turns it waits for one sequence of the large request, not for 2 seconds of work.
        _ = try gate.submit(lengths: [50], deadline: start + .milliseconds(120), at: start).get()
        #expect(items(gate.next(at: start)) == [[1, 0], [2, 0]])
    }

    @Test func allSequencesEnterOrNone() throws {
        var gate = Self.gate { $0.maxQueueTokens = 100 }
        _ = try gate.submit(lengths: [40, 40], deadline: far, at: start).get()
        let full = try #require(Self.refusal(gate.submit(lengths: [10, 20], deadline: far, at: start)))
        #expect(full.reason == .queueFull)
        #expect(full.retryAfter > .zero)
        #expect(gate.waiting == (2, 80))
        let tooLarge = Self.refusal(gate.submit(lengths: [60, 60], deadline: far, at: start))
        #expect(tooLarge?.reason == .tooLarge)
    }

    @Test func aDrainingGateRefusesAndFinishesWhatWaits() throws {
        var gate = Self.gate()
        _ = try gate.submit(lengths: [10], deadline: far, at: start).get()
        gate.drain()
        #expect(Self.refusal(gate.submit(lengths: [10], deadline: far, at: start))?.reason == .draining)
        #expect(items(gate.next(at: start)) == [[1, 0]])
    }

    // MARK: Who is not waited for

    @Test func theExpiredAndThoseWhoHaveGoneNeverEnterABatch() throws {
        var gate = Gate<ManualInstant>(GateConfiguration())
        for milliseconds in [50, 500, 40, 500, 500] {
            let deadline = start + .milliseconds(milliseconds)
            _ = try gate.submit(lengths: [10, 10], deadline: deadline, at: start).get()
        }
        var asked: [Int] = []
        let decision = gate.next(at: start + .milliseconds(50)) { request in
            asked.append(request)
            return request != 4
        }
        // By deadline, then by turn; a request with one sequence after the other is asked for at each.
        #expect(decision.dropped == [3, 1, 4])
        #expect(items(decision.step) == [[2, 0], [5, 0], [2, 1], [5, 1]])
        #expect(asked == [2, 4, 5, 2, 5])
        #expect(gate.waiting == (0, 0))
    }

    @Test func whoeverIsBehindAFullBatchIsNotAskedFor() throws {
        var gate = Self.gate(budget: 20)
        for _ in 0..<1000 { _ = try gate.submit(lengths: [10], deadline: far, at: start).get() }
        var asked = 0
        _ = gate.next(at: start) { _ in
            asked += 1
            return true
        }
        #expect(asked <= 3)
    }

    @Test(arguments: [true, false]) func oneDecisionDropsAFewAndAsksToBeAskedAgain(haveExpired: Bool) throws {
        var gate = Self.gate { $0.maxQueueTokens = .max }
        let deadline = start + .seconds(1_000_000)
        for _ in 0..<1000 { _ = try gate.submit(lengths: [1, 1], deadline: deadline, at: start).get() }
        var dropped: [Int] = []
        var decisions = 0
        while gate.waiting.items > 0 {
            let decision = gate.next(at: haveExpired ? deadline : start) { _ in false }
            #expect(decision.dropped.count <= 256)
            #expect(decision.step == (gate.waiting.items > 0 ? .again : .idle))
            dropped += decision.dropped
            decisions += 1
        }
        #expect(dropped == Array(1...1000))
        #expect(decisions == 4)
    }

    // MARK: Refusals before the work is known

    @Test func aRefusalIsForeseenByTheLeastThatARequestHas() throws {
        var generator = SeededGenerator(seed: 8)
        var refusals = 0
        for _ in 0..<2000 {
            var gate = Self.gate(budget: 100) { $0.maxQueueTokens = 1000 }
            for _ in 0..<Int.random(in: 0..<8, using: &generator) {
                let lengths = (0..<Int.random(in: 1..<6, using: &generator)).map { _ in
                    Int.random(in: 1..<60, using: &generator)
                }
                _ = gate.submit(lengths: lengths, deadline: far, at: start)
            }
            if Bool.random(using: &generator) { _ = gate.next(at: start) }
            let lengths = (0..<Int.random(in: 1..<6, using: &generator)).map { _ in
                Int.random(in: 1..<200, using: &generator)
            }
            let known = lengths.prefix(Int.random(in: 1...lengths.count, using: &generator))
            let deadline = start + .milliseconds(Int.random(in: 1..<1500, using: &generator))
            let foreseen = gate.refusal(
                forAtLeast: WorkSize(lengths: known), sequences: known.count, deadline: deadline, at: start)
            let actual = Self.refusal(gate.submit(lengths: lengths, deadline: deadline, at: start))
            guard let foreseen else { continue }
            refusals += 1
            #expect(actual != nil)
            if actual?.reason == foreseen.reason { #expect(foreseen.retryAfter <= (actual?.retryAfter ?? .zero)) }
        }
        #expect(refusals > 500)
    }

    @Test func toForeseeChangesNothingButToNoteDoes() throws {
        var gate = Self.gate()
        for _ in 0..<4 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        let work = WorkSize(length: 100)
        let deadline = start + .milliseconds(400)
        func foreseen() -> Gate<ManualInstant>.Refusal? {
            gate.refusal(forAtLeast: work, sequences: 1, deadline: deadline, at: start)
        }
        let refusal = try #require(foreseen())
        #expect(foreseen() == refusal)
        #expect(refusal.reason == .deadline)
        #expect(abs(refusal.retryAfter / .milliseconds(1) - 150) < 0.01)
        gate.note(refusal, of: work, at: start)
        #expect(abs((foreseen()?.retryAfter ?? .zero) / .milliseconds(1) - 260) < 0.01)
    }

    private static func refusal(_ result: Result<Int, Gate<ManualInstant>.Refusal>) -> Gate<ManualInstant>.Refusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }
}
