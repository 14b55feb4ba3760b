import PenstockServing
import PenstockTestSupport
import Testing

/// Several models and work that comes in turns share one engine, whose times are told instead of waited for.
private struct SharedEngine {
    var gate = Gate<ManualInstant>()
    var now = ManualInstant.start
    var seconds: [Int: Double] = [:]
    var turnSeconds = 0.0
    var longestBatches: [Int: Double] = [:]
    var longestBatch: Double { longestBatches.values.max() ?? 0 }

    /// Seconds of a batch of each model, whatever is in it, and those of each token.
    let perBatch: [Double]
    let perToken: [Double]

    init(
        perBatch: [Double] = [], perToken: [Double], weights: [Double] = [],
        _ change: (inout GateConfiguration) -> Void = { _ in }
    ) {
        self.perBatch = perBatch.isEmpty ? perToken.map { _ in 0.001 } : perBatch
        self.perToken = perToken
        var configuration = GateConfiguration()
        configuration.maxQueueTokens = .max
        change(&configuration)
        for (index, seconds) in perToken.enumerated() {
            var costs = CostModel()
            for tokens in [8.0, 32, 128, 512] {
                costs.seed(WorkSize(tokens: tokens, pairs: 0), seconds: self.perBatch[index] + seconds * tokens)
            }
            let weight = index < weights.count ? weights[index] : 1
            let number = gate.addModel(configuration, costs: costs, weight: weight)
            #expect(number == index)
        }
    }

    func seconds(_ model: Int, _ tokens: Int) -> Double { perBatch[model] + perToken[model] * Double(tokens) }

    mutating func submit(_ model: Int, _ length: Int, within time: Duration = .seconds(1e6)) -> Bool {
        if case .success = gate.submit(.sequences([length]), to: model, deadline: now + time, at: now) {
            true
        } else {
            false
        }
    }

    /// Submits what has to be let in.
    mutating func add(_ model: Int, _ length: Int) {
        let isIn = submit(model, length)
        #expect(isIn)
    }

    /// Runs one batch or turn. Returns the requests that are done; nil if there was nothing to run.
    mutating func step() -> [Int]? {
        switch gate.next(at: now) {
        case .run(let model, let batch):
            let time = seconds(model, batch.reduce(0) { $0 + $1.slice.tokens.count })
            if batch.count > 1 { longestBatches[model] = max(longestBatches[model] ?? 0, time) }
            now = now + .seconds(time)
            seconds[model, default: 0] += time
            gate.finishBatch(seconds: time, lasting: time)
            return batch.map(\.request)
        case .lend:
            now = now + .milliseconds(10)
            turnSeconds += 0.01
            gate.finishTurn(seconds: 0.01)
            return []
        default: return nil
        }
    }
}

@Suite struct ManyModelsGateTests {
    @Test func eachGetsItsShareOfSecondsHoweverManyRequestsWait() {
        var engine = SharedEngine(perToken: [1e-4, 1e-3, 1e-5], weights: [1, 1, 2])
        while engine.now < .start + .seconds(20) {
            for (model, waiting) in [(0, 50), (1, 500), (2, 3000)] {
                while engine.gate.waiting(model).items < waiting { engine.add(model, 16) }
            }
            let done = engine.step()
            #expect(done != nil)
        }
        for (model, share) in [0.25, 0.25, 0.5].enumerated() {
            #expect(abs((engine.seconds[model] ?? 0) / 20 - share) < 0.02, "model \(model)")
        }
        #expect(engine.longestBatch <= 0.0501)
    }

    @Test func alongsideNobodyABatchMayBeLong() {
        var engine = SharedEngine(perToken: [1e-3, 1e-3]) { $0.maxBatchTokens = 1000 }
        for _ in 0..<10 { engine.add(0, 100) }
        var sizes = [engine.step()?.count]
        for _ in 0..<10 { engine.add(0, 20) }
        for _ in 0..<2 { engine.add(1, 40) }
        for _ in 0..<3 { sizes.append(engine.step()?.count) }
        #expect(sizes == [10, 1, 1, 10])
    }

    /// Large models, each of which reads its weights for 30 ms, share their seconds without spending them on that.
    @Test func amongLargeModelsBatchesAreLargeUntilASmallOneWaits() {
        var engine = SharedEngine(perBatch: [0.03, 0.03, 0.001], perToken: [1e-3, 1e-3, 1e-4])
        var tokens = 0
        while engine.now < .start + .seconds(20) {
            for model in 0..<2 { while engine.gate.waiting(model).items < 100 { engine.add(model, 8) } }
            tokens += (engine.step()?.count ?? 0) * 8
        }
        #expect(Double(tokens) > 0.9 * 20 / 1e-3, "\(tokens) of 20,000 tokens")
        #expect(engine.longestBatch <= 0.4001)
        for _ in 0..<1000 { engine.add(2, 16) }
        _ = engine.step()
        engine.longestBatches = [:]
        while engine.gate.waiting(2).items > 0 {
            for model in 0..<2 { while engine.gate.waiting(model).items < 100 { engine.add(model, 8) } }
            let done = engine.step()
            #expect(done != nil)
        }
        for model in 0..<2 { #expect((engine.longestBatches[model] ?? 1) <= 0.0501) }
    }

    @Test func aSequenceThatIsLongerThanABatchMayBeRunsAlone() {
        var engine = SharedEngine(perToken: [1e-3, 1e-3])
        for _ in 0..<2 {
            engine.add(0, 500)
            engine.add(1, 20)
        }
        var sizes: [Int] = []
        while let done = engine.step() { sizes.append(done.count) }
        #expect(sizes.reduce(0, +) == 4 && sizes.prefix(2).allSatisfy { $0 <= 2 })
    }

    /// Who is let in is done in time as long as nobody comes to a model that was idle; and who is turned away would not be.
    @Test(arguments: 0..<6) func whoIsLetInIsDoneInTime(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var engine = SharedEngine(perToken: [2e-4, 5e-4, 1e-4], weights: [1, 1, 1])
        var deadlines: [Int: ManualInstant] = [:]
        var (late, done, refused) = (0, 0, 0)
        // All have work for all the time.
        for model in 0..<3 { for _ in 0..<30 { engine.add(model, 32) } }
        while engine.now < .start + .seconds(40) {
            for model in 0..<3 {
                while engine.gate.waiting(model).items < 20 { engine.add(model, 32) }
                let length = Int.random(in: 4...64, using: &generator)
                let deadline = engine.now + .milliseconds(Int.random(in: 50...800, using: &generator))
                switch engine.gate.submit(.sequences([length]), to: model, deadline: deadline, at: engine.now) {
                case .success(let number): deadlines[number] = deadline
                case .failure: refused += 1
                }
            }
            for number in engine.step() ?? [] {
                guard let deadline = deadlines.removeValue(forKey: number) else { continue }
                done += 1
                if deadline < engine.now { late += 1 }
            }
        }
        #expect(done > 100 && refused > 100)
        #expect(Double(late) < 0.02 * Double(done), "\(late) of \(done)")
    }

    @Test func anIdleModelBesideABusyOneIsLetInForWhatItGets() {
        var engine = SharedEngine(perToken: [1e-3, 1e-3])
        for _ in 0..<1000 { engine.add(0, 100) }
        _ = engine.gate.next(at: engine.now)
        // 100 seconds of the other wait; of these one batch comes before.
        let (soon, atOnce) = (
            engine.submit(1, 20, within: .milliseconds(300)), engine.submit(1, 20, within: .milliseconds(15))
        )
        #expect(soon && !atOnce)
    }

    @Test func turnsGetTheirShareAndNoMore() {
        var engine = SharedEngine(perToken: [1e-4, 1e-4])
        while engine.now < .start + .seconds(20) {
            for model in 0..<2 { while engine.gate.waiting(model).items < 100 { engine.add(model, 16) } }
            if engine.gate.turnsWaited == 0 { engine.gate.requestTurn() }
            let done = engine.step()
            #expect(done != nil)
        }
        // A quarter of a model's weight, beside two.
        #expect(abs(engine.turnSeconds / 20 - 0.25 / 2.25) < 0.02)
    }

    @Test func turnsOfAnIdleEngineComeAtOnce() {
        var engine = SharedEngine(perToken: [1e-4])
        engine.gate.requestTurn()
        engine.gate.requestTurn()
        let steps = (0..<3).map { _ in engine.step() != nil }
        #expect(steps == [true, true, false])
    }

    @Test func aClosedModelRefusesAndFinishes() {
        var engine = SharedEngine(perToken: [1e-4, 1e-4])
        engine.add(0, 10)
        engine.gate.closeModel(0)
        let refused = engine.gate.submit(.sequences([10]), to: 0, deadline: engine.now + .seconds(1), at: engine.now)
        guard case .failure(let refusal) = refused else { return #expect(Bool(false)) }
        #expect(refusal.reason == .unloaded)
        #expect(!engine.gate.isIdle(0) && engine.gate.isIdle(1))
        let done = engine.step()
        #expect(done?.count == 1 && engine.gate.isIdle(0))
        engine.gate.removeModel(0)
        let (first, second) = (engine.submit(0, 10), engine.submit(1, 10))
        #expect(!first && second)
    }

    // MARK: Slices that go on

    @Test func whatIsUnfinishedGoesBackBehindThoseWhoWait() throws {
        var engine = SharedEngine(perToken: [1e-4]) { $0.maxBatchItems = 2 }
        let deadline = engine.now + .seconds(10)
        let work = WorkSize(tokens: 1, pairs: 1)
        var order: [[Int]] = []
        for _ in 0..<3 { _ = try engine.gate.submit(.sequences([1]), to: 0, deadline: deadline, at: engine.now).get() }
        for round in 1...4 {
            guard case .run(_, let batch) = engine.gate.next(at: engine.now) else { break }
            order.append(batch.map(\.request))
            engine.gate.finishBatch(seconds: 0.001, lasting: 0.001)
            for item in batch {
                let slice = Slice(sequence: item.slice.sequence, tokens: round..<round + 1, work: work)
                engine.gate.add(slice, to: item.request, of: 0, deadline: deadline, at: engine.now)
            }
        }
        #expect(order == [[1, 2], [3, 1], [2, 3], [1, 2]])
        for request in 1...3 { engine.gate.remove(request, of: 0) }
        #expect(engine.gate.waiting(0) == (0, 0))
        let step = engine.gate.next(at: engine.now)
        #expect(step == .idle)
    }
}
