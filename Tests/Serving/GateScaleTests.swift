import PenstockServing
import PenstockTestSupport
import Testing

/// An instant that counts how often any two are compared.
private struct CountedInstant: InstantProtocol {
    let offset: Duration
    let counter: Counter

    // Safe to share: the one test that counts has one thread.
    final class Counter: @unchecked Sendable { var comparisons = 0 }

    func advanced(by duration: Duration) -> CountedInstant {
        CountedInstant(offset: offset + duration, counter: counter)
    }
    func duration(to other: CountedInstant) -> Duration { other.offset - offset }
    func hash(into hasher: inout Hasher) { hasher.combine(offset) }

    static func < (a: CountedInstant, b: CountedInstant) -> Bool {
        a.counter.comparisons += 1
        return a.offset < b.offset
    }

    static func == (a: CountedInstant, b: CountedInstant) -> Bool {
        a.counter.comparisons += 1
        return a.offset == b.offset
    }
}

/// A gate costs no more than a logarithm of those who wait. What it compares are deadlines; `SummedTreeTests` counts what
/// it costs to keep the order.
@Suite struct GateScaleTests {
    private static let start = CountedInstant(offset: .zero, counter: CountedInstant.Counter())

    /// A gate at which so many requests of two sequences wait, with deadlines in no order.
    private static func gate(waiting size: Int) throws -> Gate<CountedInstant> {
        var configuration = GateConfiguration()
        configuration.maxQueueTokens = .max
        configuration.maxBatchTokens = 64
        var costs = CostModel()
        for tokens in [8.0, 64] { costs.seed(WorkSize(tokens: tokens, pairs: 0), seconds: 0.001 * (10 + tokens)) }
        var gate = Gate<CountedInstant>(configuration, costs: costs)
        for index in 0..<size {
            let offset = Double(index * 7919 % size) / Double(size)
            let deadline = start.advanced(by: .seconds(1_000_000 + 1000 * offset))
            _ = try gate.submit(lengths: [10, 6], deadline: deadline, at: start).get()
        }
        return gate
    }

    /// Comparisons of deadlines per operation, by the kind of operation.
    private static func comparisons(waiting size: Int) throws -> [String: Double] {
        let full = try gate(waiting: size)
        var means: [String: Double] = [:]
        func measure(_ kind: String, _ count: Int, _ operations: (inout Gate<CountedInstant>) throws -> Void) rethrows {
            var gate = full
            start.counter.comparisons = 0
            try operations(&gate)
            means[kind] = Double(start.counter.comparisons) / Double(count)
        }
        try measure("arrival", 50) { gate in
            for index in 0..<50 {
                let deadline = start.advanced(by: .seconds(1_000_000 + 20 * index))
                _ = try gate.submit(lengths: [10, 6], deadline: deadline, at: start).get()
            }
        }
        measure("refusal", 50) { gate in
            for _ in 0..<50 {
                let result = gate.submit(lengths: [10], deadline: start.advanced(by: .milliseconds(100)), at: start)
                if case .success = result { Issue.record("was let in") }
            }
        }
        measure("batch", 10 * 6) { gate in
            for _ in 0..<10 {
                let step = gate.next(at: start, isAwaited: { _ in true }).step
                guard case .run(_, let items) = step else { break }
                #expect(items.count == 6)
                gate.finishBatch(seconds: nil)
            }
        }
        measure("withdrawal", 50) { gate in
            for index in 0..<50 { gate.remove(1 + index * size / 50) }
        }
        measure("expiry", 50) { gate in
            let end = start.advanced(by: .seconds(1_000_000 + 1000 * 49.5 / Double(size)))
            #expect(gate.next(at: end, isAwaited: { _ in true }).dropped.count == 50)
        }
        return means
    }

    @Test func aHundredThousandWaitAtTheCostOfALogarithm() throws {
        let few = try Self.comparisons(waiting: 100)
        for (kind, comparisons) in try Self.comparisons(waiting: 100_000) {
            // log2 of the sizes are 7 and 17; a deadline is compared by `==` and `<`.
            let before = try #require(few[kind])
            #expect(comparisons < 60, "\(kind)")
            #expect(comparisons <= 3 * max(before, 10), "\(kind)")
        }
    }
}
