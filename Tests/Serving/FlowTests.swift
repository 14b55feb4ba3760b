import PenstockServing
import PenstockTestSupport
import Testing

/// Callers that share a model by weight.
@Suite struct FlowTests: GateTesting {
    private typealias Queue = FairQueue<ManualInstant>

    private static let heavy = Flow(.key("heavy"), weight: 3)
    private static let light = Flow(.key("light"))

    private static func address(_ number: Int) -> Flow { Flow(.network(UInt64(number))) }

    private static func take(_ queue: inout Queue) -> BatchItem? {
        queue.takeBatch(
            tokens: 0, items: 1, dropLimit: .max, isAwaited: { _ in true }, isInTime: { _, _ in true }
        ).batch.first
    }

    @Test(arguments: 0..<4) func tokensAreSharedByWeightHoweverTheyAreSent(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = Queue()
        let flows = [Self.heavy, Self.light, Self.address(1)]
        var owners: [Int: Int] = [:]
        // One sends long texts, one many in a request, and one many requests.
        for request in 1...3000 {
            let flow = request % 3
            owners[request] = flow
            let lengths =
                switch flow {
                case 0: [Int.random(in: 200...512, using: &generator)]
                case 1: (0..<40).map { _ in Int.random(in: 1...20, using: &generator) }
                default: [Int.random(in: 1...64, using: &generator)]
                }
            queue.append(request, .sequences(lengths), of: flows[flow], deadline: .start)
        }
        var tokens = [0.0, 0, 0]
        while tokens.reduce(0, +) < 50_000, let item = Self.take(&queue) {
            tokens[owners[item.request] ?? 0] += item.slice.work.tokens
        }
        let all = tokens.reduce(0, +)
        for (tokens, share) in zip(tokens, [0.6, 0.2, 0.2]) { #expect(abs(tokens / all - share) < 0.02) }
    }

    @Test func whoSendsManyRequestsDoesNotHoldUpWhoSendsOne() {
        var queue = Queue()
        for request in 1...1000 { queue.append(request, .sequences([10]), of: Self.address(1), deadline: .start) }
        for _ in 0..<100 { _ = Self.take(&queue) }
        queue.append(1001, .sequences([10]), of: Self.address(2), deadline: .start)
        let ahead = queue.workAhead(of: Self.address(3), items: 1, WorkSize(length: 10))
        #expect(ahead.tokens <= 30)
        let next = (0..<2).compactMap { _ in Self.take(&queue)?.request }
        #expect(next.contains(1001))
    }

    @Test func withinAFlowRequestsTakeTurns() {
        var queue = Queue()
        queue.append(1, .sequences([Int](repeating: 10, count: 5)), of: Self.heavy, deadline: .start)
        queue.append(2, .sequences([10, 10]), of: Self.heavy, deadline: .start)
        #expect((0..<7).compactMap { _ in Self.take(&queue)?.request } == [1, 2, 1, 2, 1, 1, 1])
    }

    @Test func whoRestsSavesNothingUpAndHasNothingForgotten() {
        var queue = Queue()
        for request in 1...100 { queue.append(request, .sequences([10]), of: Self.address(1), deadline: .start) }
        queue.append(101, .sequences([500]), of: Self.address(2), deadline: .start)
        // The one that had 500 tokens at once comes again only when the other had as many.
        var turns: [Int] = []
        var next = 102
        for _ in 0..<60 {
            guard let item = Self.take(&queue) else { break }
            turns.append(item.request)
            guard item.request >= 101 else { continue }
            queue.append(next, .sequences([10]), of: Self.address(2), deadline: .start)
            next += 1
        }
        let first = turns.firstIndex { $0 == 101 } ?? 100
        #expect(first <= 1)
        let second = turns.firstIndex { $0 == 102 } ?? 100
        #expect(49...51 ~= second - first, "\(turns)")
        // A newcomer does not get the turns of the time in which it was not there.
        for request in 1000..<1100 { queue.append(request, .sequences([10]), of: Self.address(3), deadline: .start) }
        let later = (0..<20).compactMap { _ in Self.take(&queue)?.request }
        #expect(5...9 ~= later.count { $0 >= 1000 }, "\(later)")
    }

    @Test(arguments: 0..<8) func whatIsAheadIsPredicted(seed: UInt64) {
        var generator = SeededGenerator(seed: 300 + seed)
        var queue = Queue()
        let flows = (0..<12).map {
            Flow(.network(UInt64($0)), weight: [0.5, 1, 1, 2, 8][Int.random(in: 0..<5, using: &generator)])
        }
        var owners: [Int: Flow] = [:]
        for request in 1...200 {
            let flow = flows[Int.random(in: 0..<10, using: &generator) * request % 10]
            owners[request] = flow
            let lengths = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                Int.random(in: 20...40, using: &generator)
            }
            queue.append(request, .sequences(lengths), of: flow, deadline: .start)
        }
        let taken = max(0, Int.random(in: -300..<600, using: &generator))
        for _ in 0..<taken { _ = Self.take(&queue) }
        let flow = flows[Int.random(in: 0..<12, using: &generator)]
        let lengths = [Int](repeating: 30, count: Int.random(in: 1...20, using: &generator))
        let slices = [Slice].sequences(lengths)
        let work = WorkSize(lengths: lengths)
        let predicted = queue.workAhead(of: flow, items: slices.count, work).tokens
        queue.append(1000, slices, of: flow, deadline: .start)
        var (ahead, left) = (0.0, slices.count)
        while left > 0, let item = Self.take(&queue) {
            if item.request == 1000 { left -= 1 } else { ahead += item.slice.work.tokens }
        }
        // A slice for each other flow is not known, and others may bring more if they have had something.
        #expect(left == 0)
        #expect(predicted >= ahead - 12 * 20, "\(predicted) instead of \(ahead)")
        #expect(taken > 0 || predicted <= ahead + 12 * 60, "\(predicted) instead of \(ahead)")
    }

    @Test func whoComesOnceIsNotRememberedForEver() {
        var queue = Queue()
        // Somebody always waits, so that it never rests.
        queue.append(1, .sequences([Int](repeating: 10, count: 100_000)), of: Self.heavy, deadline: .start)
        for request in 2..<20_000 {
            queue.append(request, .sequences([10]), of: Self.address(request), deadline: .start)
            _ = Self.take(&queue)
        }
        #expect(queue.flowCount < 2000 + queue.count)
        queue = Queue()
        for request in 2..<20_000 {
            queue.append(request, .sequences([10]), of: Self.address(request), deadline: .start)
            _ = Self.take(&queue)
        }
        #expect(queue.flowCount < 2000)
    }

    @Test func anotherWeightCountsFromTheNextRequestOn() {
        var queue = Queue()
        for request in 1...400 {
            let weight = request <= 2 ? 1.0 : 3.0
            let flow = request.isMultiple(of: 2) ? Flow(.key("k"), weight: weight) : Self.light
            queue.append(request, .sequences([10]), of: flow, deadline: .start)
        }
        let taken = (0..<200).compactMap { _ in Self.take(&queue)?.request }
        #expect(148...152 ~= taken.count { $0.isMultiple(of: 2) })
    }

    /// Two flows of requests of ten tokens at an engine that does a thousand in 1.1 seconds, for a minute.
    ///
    /// - Parameter loads: what comes of each, in relation to what can be done
    private static func minute(
        loads: [Double], maxQueueTokens: Int = 1 << 20
    ) -> (done: [Int], late: Int) {
        var gate = gate { $0.maxQueueTokens = maxQueueTokens }
        var now = ManualInstant.start
        var (owners, deadlines): ([Int: Int], [Int: ManualInstant]) = ([:], [:])
        var (done, sent) = ([0, 0], [0.0, 0])
        var late = 0
        while now < .start + .seconds(60) {
            let capacity = ManualInstant.start.duration(to: now) / .milliseconds(11)
            while let owner = [0, 1].filter({ sent[$0] < loads[$0] * capacity }).min(by: { sent[$0] < sent[$1] }) {
                sent[owner] += 1
                let deadline = now + .seconds(2)
                let flow = owner == 0 ? heavy : light
                let result = gate.submit(.sequences([10]), of: flow, to: 0, deadline: deadline, at: now)
                guard case .success(let request) = result else { continue }
                (owners[request], deadlines[request]) = (owner, deadline)
            }
            guard case .run(_, let batch) = gate.next(at: now, isAwaited: { _ in true }).step else {
                now = now + .milliseconds(1)
                continue
            }
            let seconds = 0.010 + 0.001 * batch.reduce(0) { $0 + $1.slice.work.tokens }
            now = now + .seconds(seconds)
            gate.finishBatch(seconds: seconds)
            for item in batch {
                guard let owner = owners[item.request], let deadline = deadlines[item.request] else { continue }
                if now <= deadline { done[owner] += 1 } else { late += 1 }
            }
        }
        return (done, late)
    }

    @Test(arguments: [1 << 20, 400]) func twiceTheLoadDividesByWeight(maxQueueTokens: Int) {
        let (done, late) = Self.minute(loads: [1, 1], maxQueueTokens: maxQueueTokens)
        let ratio = Double(done[0]) / Double(done[1])
        #expect(2.7...3.3 ~= ratio, "\(done)")
        // Some 5,450 can be done.
        #expect(done[0] + done[1] > 5000, "\(done)")
        #expect(late < 100)
    }

    @Test(arguments: [0.1, 0.3, 0.5]) func whoAsksForLessThanItsShareGetsItAndTheOtherTheRest(load: Double) {
        for loads in [[load, 2], [2, load / 3]] {
            let (done, late) = Self.minute(loads: loads)
            #expect(done[0] + done[1] > 5000, "\(done)")
            let least = loads[0] < loads[1] ? 0 : 1
            #expect(Double(done[least]) > 0.98 * loads[least] * 5450, "\(done) of \(loads)")
            #expect(late < 100, "\(loads)")
        }
    }
}
