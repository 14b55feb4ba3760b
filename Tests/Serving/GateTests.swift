import PenstockServing
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
            costs.seed(WorkSize(tokens: Double(tokens), squares: 0), seconds: 0.010 + 0.001 * Double(tokens))
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
        guard case .run(let items) = step else { return [] }
        return items.map { [$0.request, $0.index] }
    }

    // MARK: Batches

    @Test func anIdleEngineStartsAtOnce() throws {
        var gate = Self.gate()
        #expect(gate.next(at: start) == .idle)
        let request = try gate.submit(lengths: [7], deadline: far, at: start).get()
        #expect(gate.next(at: start) == .run([QueuedItem(request: request, index: 0, length: 7)]))
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

    private static func refusal(_ result: Result<Int, Gate<ManualInstant>.Refusal>) -> Gate<ManualInstant>.Refusal? {
        if case .failure(let refusal) = result { refusal } else { nil }
    }
}
