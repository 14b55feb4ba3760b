import PenstockServing
import PenstockTestSupport
import Testing

/// Which requests are let in, and what is told to the others.
@Suite struct GateAdmissionTests: GateTesting {
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
                let deadline = Bool.random(using: &generator) ? far : start + .milliseconds(300)
                _ = gate.submit(lengths: lengths, deadline: deadline, at: start)
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
}
