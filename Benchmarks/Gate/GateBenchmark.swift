#if canImport(Glibc)
    import Glibc
#endif

/// `gate-benchmark`: prints what an arrival, a refusal and the ways to leave cost a gate at which a number of requests wait,
/// in microseconds.
@main
struct GateBenchmark {
    /// Means of several runs, of which the least is printed: other programs make times longer, never shorter.
    private static let runs = 7
    /// Operations of a run, and of the blocks between which as many requests are added as have left.
    private static let (operations, block) = (20_000, 20)

    static func main() {
        let kinds: [(name: String, run: (inout Queue) -> Duration)] = [
            ("arrival", { $0.arrivals(block) }), ("refusal", { $0.refusals(block) }), ("answer", { $0.answers(block) }),
            ("withdrawal", { $0.withdrawals(block) }), ("expiry", { $0.expiries(block) }),
        ]
        print(pad("waiting") + kinds.map { pad($0.name) }.joined())
        for waiting in [100, 10_000, 100_000] {
            let times = kinds.map { kind in (0..<runs).map { _ in mean(kind.run, waiting) }.min() ?? .zero }
            print(
                pad("\(waiting)") + times.map { pad("\((($0 / .microseconds(1)) * 1000).rounded() / 1000)") }.joined())
        }
    }

    private static func mean(_ run: (inout Queue) -> Duration, _ waiting: Int) -> Duration {
        var queue = Queue(waiting)
        return (0..<operations / block).reduce(.zero) { total, _ in total + run(&queue) } / operations
    }

    private static func pad(_ text: String) -> String {
        String(repeating: " ", count: max(1, 12 - text.count)) + text
    }
}

/// A gate at which always the same number of requests wait between the blocks of operations that are timed.
private struct Queue {
    private typealias Instant = ContinuousClock.Instant

    private let clock = ContinuousClock()
    private let size: Int
    private var gate: Gate<Instant>
    private let model: Int
    private var now = ContinuousClock.now
    private var requests: [Int] = []
    private var generator = SystemRandomNumberGenerator()

    init(_ size: Int) {
        self.size = size
        var configuration = GateConfiguration()
        configuration.maxQueueTokens = .max
        configuration.maxBatchTokens = 640
        var costs = CostModel()
        costs.seed(WorkSize(length: 32), seconds: 0.001)
        gate = Gate<Instant>()
        model = gate.addModel(configuration, costs: costs)
        add(size)
    }

    mutating func arrivals(_ count: Int) -> Duration {
        let time = clock.measure { add(count) }
        for request in requests.suffix(count) { gate.remove(request, of: model) }
        requests.removeLast(count)
        return time
    }

    mutating func refusals(_ count: Int) -> Duration {
        clock.measure {
            for _ in 0..<count {
                _ = gate.submit([Slice(sequence: 0, length: 32)], to: model, deadline: now + .microseconds(30), at: now)
            }
        }
    }

    /// Those whose turn it is go in a batch.
    mutating func answers(_ count: Int) -> Duration {
        let time = clock.measure {
            if case .run(_, let items) = gate.next(at: now, isAwaited: { _ in true }).step {
                precondition(items.count == count)
                gate.finishBatch(seconds: nil, lasting: 0)
            }
        }
        add(count)
        return time
    }

    /// Some out of all that wait go, in no order.
    mutating func withdrawals(_ count: Int) -> Duration {
        let gone = (0..<count).map { _ in
            requests.swapAt(Int.random(in: requests.indices, using: &generator), requests.count - 1)
            return requests.removeLast()
        }
        let time = clock.measure { for request in gone { gate.remove(request, of: model) } }
        add(count)
        return time
    }

    /// The deadlines of some end, which are spread over all that wait, and a batch goes with them.
    mutating func expiries(_ count: Int) -> Duration {
        now += .seconds(1000) / size * count
        let time = clock.measure {
            _ = gate.next(at: now, isAwaited: { _ in true })
            gate.finishBatch(seconds: nil, lasting: 0)
        }
        let left = size - gate.waiting(model).items
        add(left)
        return time * count / left
    }

    private mutating func add(_ count: Int) {
        for _ in 0..<count {
            let deadline = now + .milliseconds(Int.random(in: 1...1_000_000, using: &generator))
            if case .success(let request) = gate.submit(
                [Slice(sequence: 0, length: 32)], to: model, deadline: deadline, at: now)
            {
                requests.append(request)
            }
        }
    }
}
