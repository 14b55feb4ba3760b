import PenstockServing
import PenstockTestSupport
import Testing

/// An engine whose times are told instead of waited for, and a gate in front of it.
private struct Simulation {
    var gate: Gate<ManualInstant>
    var now = ManualInstant.start
    var slowness = 1.0
    var generator: SeededGenerator
    /// The lengths of the sequences that come.
    let lengths: ClosedRange<Int>

    /// 10 ms per batch and 1 ms per token, give or take 5 %.
    mutating func seconds(_ work: WorkSize) -> Double {
        slowness * (0.010 + 0.001 * work.tokens) * Double.random(in: 0.95...1.05, using: &generator)
    }

    /// What a warm-up finds that is disturbed like this: factors of the times, shape by shape.
    static func costs(disturbedBy factors: [Double] = []) -> CostModel {
        var costs = CostModel()
        for (index, lengths) in [[8], [32], [32, 32, 32, 32], [128], [128, 128, 128, 128]].enumerated() {
            let work = WorkSize(lengths: lengths)
            let factor = index < factors.count ? factors[index] : 1
            costs.seed(work, seconds: factor * (0.010 + 0.001 * work.tokens))
        }
        return costs
    }

    init(_ costs: CostModel, lengths: ClosedRange<Int>, seed: UInt64 = 1) {
        gate = Gate(GateConfiguration(), costs: costs)
        self.lengths = lengths
        generator = SeededGenerator(seed: seed)
    }

    /// Runs batches while so many sequences are kept waiting.
    mutating func run(batches: Int, waiting: Int) throws {
        for _ in 0..<batches {
            while gate.waiting.items < waiting {
                let length = Int.random(in: lengths, using: &generator)
                _ = try gate.submit(lengths: [length], deadline: now + .seconds(100_000), at: now).get()
            }
            guard case .run(_, let items) = gate.next(at: now) else { return }
            let seconds = seconds(WorkSize(lengths: items.map(\.slice.tokens.count)))
            now = now + .seconds(seconds)
            gate.finishBatch(seconds: seconds)
        }
    }

    /// Takes out all that waits.
    mutating func empty() {
        while case .run = gate.next(at: now, isAwaited: { _ in false }).step {}
        #expect(gate.waiting == (0, 0))
    }
}

/// What a gate believes after slow times is soon mended.
@Suite struct GateRecoveryTests {
    private static let fresh = Gate<ManualInstant>(GateConfiguration(), costs: Simulation.costs())

    private static func expectLikeFresh(_ simulation: Simulation) {
        let budget = Double(simulation.gate.batchBudget) / Double(fresh.batchBudget)
        #expect(budget > 0.7 && budget < 1.4, "budget \(simulation.gate.batchBudget)")
        let length = simulation.lengths.lowerBound + simulation.lengths.count / 2
        for count in [1, 4, 10, 20] {
            let work = WorkSize(lengths: [Int](repeating: length, count: count))
            let seconds = simulation.gate.costs.seconds(work) / fresh.costs.seconds(work)
            #expect(seconds > 0.85 && seconds < 1.15, "\(count) sequences")
        }
        #expect(simulation.gate.costs.relativeError < 0.1)
    }

    @Test(arguments: [4...64, 16...16], [1, 200]) func aSlowSpellIsForgotten(lengths: ClosedRange<Int>, waiting: Int)
        throws
    {
        var simulation = Simulation(Simulation.costs(), lengths: lengths)
        try simulation.run(batches: 100, waiting: waiting)
        simulation.slowness = 10
        try simulation.run(batches: 1000, waiting: waiting)
        simulation.slowness = 1
        try simulation.run(batches: 32, waiting: waiting)
        Self.expectLikeFresh(simulation)

        // Admission, too: 10 ms and 200 ms in one batch, with a hundred tokens ahead.
        simulation.empty()
        let now = simulation.now
        _ = try simulation.gate.submit(lengths: [100], deadline: now + .seconds(100), at: now).get()
        _ = try simulation.gate.submit(lengths: [100], deadline: now + .milliseconds(500), at: now).get()
    }

    @Test func anIdleEngineLetsOneInAndLearnsFromIt() throws {
        var simulation = Simulation(Simulation.costs(), lengths: 30...30)
        simulation.slowness = 10
        try simulation.run(batches: 1000, waiting: 1)
        simulation.slowness = 1
        simulation.empty()
        #expect(simulation.gate.costs.seconds(WorkSize(length: 30)) > 0.3)
        // 40 ms are allowed 200 ms. While one waits the second is refused; when those that came alone have taught the gate,
        // it is let in.
        var batches = 0
        while batches < 10 {
            let now = simulation.now
            _ = try simulation.gate.submit(lengths: [30], deadline: now + .milliseconds(200), at: now).get()
            if case .success = simulation.gate.submit(lengths: [30], deadline: now + .milliseconds(200), at: now) {
                break
            }
            try simulation.run(batches: 1, waiting: 0)
            batches += 1
        }
        #expect((1..<10).contains(batches))
    }

    @Test(arguments: 0..<50) func anIdleEngineNeverRefusesByPrediction(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var costs = CostModel()
        for _ in 0..<Int.random(in: 0..<60, using: &generator) {
            let work = WorkSize(length: Int.random(in: 1...600, using: &generator))
            costs.observe(work, seconds: Double.random(in: 0.001...100, using: &generator))
        }
        let least = costs.leastSecondsPerToken ?? 0
        for _ in 0..<50 {
            var gate = Gate<ManualInstant>(GateConfiguration(), costs: costs)
            let lengths = [Int](repeating: Int.random(in: 1...512, using: &generator), count: 3)
            let allowed = Double.random(in: 0.001...10, using: &generator)
            let result = gate.submit(lengths: lengths, deadline: .start + .seconds(allowed), at: .start)
            let isPossible = least * Double(3 * lengths[0]) <= allowed
            switch result {
            case .success: #expect(isPossible)
            case .failure(let refusal):
                #expect(refusal.reason == .neverInTime)
                #expect(!isPossible)
            }
        }
    }

    @Test func whatCanNeverBeInTimeIsToldSoAlsoWhileTheEngineIsSlow() throws {
        var simulation = Simulation(Simulation.costs(), lengths: 16...64)
        func reason(_ tokens: Int) -> Gate<ManualInstant>.Refusal.Reason? {
            var gate = simulation.gate
            let lengths = [Int](repeating: 100, count: tokens / 100)
            switch gate.submit(lengths: lengths, deadline: simulation.now + .seconds(1), at: simulation.now) {
            case .success: return nil
            case .failure(let refusal): return refusal.reason
            }
        }
        // Idle: 1,000 ms at least, whatever comes with it.
        #expect(reason(900) == nil)
        #expect(reason(1100) == .neverInTime)
        // Slow and busy: what could be done in quiet times is to come back.
        simulation.slowness = 10
        try simulation.run(batches: 1000, waiting: 10)
        _ = try simulation.gate.submit(lengths: [16], deadline: simulation.now + .seconds(100), at: simulation.now)
            .get()
        #expect(reason(900) == .deadline)
        #expect(reason(1100) == .neverInTime)
    }

    /// Times of shapes from 8 to 512 tokens that were disturbed, and so tell little of a batch's own cost.
    @Test(
        arguments: [[1, 1, 1, 3, 4], [0.4, 0.9, 1, 1.5, 2], [1, 2, 4, 8, 10], [10, 10, 10, 1, 1], [1, 1, 9]],
        [4...64, 16...16])
    func aDisturbedWarmUpIsForgotten(factors: [Double], lengths: ClosedRange<Int>) throws {
        let costs = Simulation.costs(disturbedBy: factors)
        var simulation = Simulation(costs, lengths: lengths, seed: 2)
        #expect(simulation.gate.batchBudget >= 64)
        try simulation.run(batches: 250, waiting: 200)
        Self.expectLikeFresh(simulation)
    }

    @Test func theBudgetHasAFloorAndOtherSizesAreTried() throws {
        // All times alike per token: as if a batch cost nothing.
        var costs = CostModel()
        for tokens in [8, 32, 128] {
            costs.seed(WorkSize(tokens: Double(tokens), pairs: 0), seconds: 0.001 * Double(tokens))
        }
        var configuration = GateConfiguration()
        #expect(Gate<ManualInstant>(configuration, costs: costs).batchBudget == 64)
        var gate = Gate<ManualInstant>(configuration, costs: costs)
        _ = gate.submit(lengths: [Int](repeating: 8, count: 2000), deadline: .start + .seconds(1e5), at: .start)
        var sizes: [Int] = []
        for _ in 0..<32 {
            guard case .run(_, let items) = gate.next(at: .start) else { break }
            sizes.append(items.count)
            gate.finishBatch(seconds: 0.008 * Double(items.count))
        }
        #expect(sizes.enumerated().allSatisfy { $1 == [8: 16, 16: 1, 24: 16, 32: 1][$0 + 1, default: 8] })
        configuration.batchTokenCapacity = 32
        #expect(Gate<ManualInstant>(configuration, costs: costs).batchBudget == 32)
        configuration.maxBatchTokens = 1
        #expect(Gate<ManualInstant>(configuration, costs: costs).batchBudget == 1)
    }
}
