import PenstockServing
import Testing

/// Which requests come into which batch.
@Suite struct GateTests: GateTesting {
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

    @Test func whoWaitsForCompanyIsRunWhenNobodyLingersAnyMore() throws {
        var gate = Self.gate { $0.batchLinger = .milliseconds(5) }
        _ = try gate.submit(lengths: [10], deadline: far, at: start).get()
        #expect(gate.next(at: start) == .wait(until: start + .milliseconds(5)))
        gate.stopLingering()
        #expect(items(gate.next(at: start)) == [[1, 0]])
        gate.finishBatch(seconds: nil)
        // Who comes later is let in and run, too.
        _ = try gate.submit(lengths: [10], deadline: far, at: start).get()
        #expect(items(gate.next(at: start)) == [[2, 0]])
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
}
