import PenstockServing
import PenstockTestSupport
import Testing

/// Models on one engine, to each of which requests of one sequence come at twice the rate that it could bear alone.
private struct Overload {
    struct Outcome {
        var (offered, offeredTokens) = (0, 0)
        var (admitted, admittedTokens) = (0, 0)
        /// Tokens of answers by their deadlines.
        var goodTokens = 0
        var longestDelay = Duration.zero

        var meanOffered: Double { Double(offeredTokens) / Double(max(1, offered)) }
        var meanAdmitted: Double { Double(admittedTokens) / Double(max(1, admitted)) }
    }

    private struct Entry {
        let model: Int
        let tokens: Int
        let deadline: ManualInstant
    }

    let timeout: Duration
    var gate = Gate<ManualInstant>()
    var outcomes: [Outcome]
    private let perBatch: Double
    private let perToken: Double
    private var now = ManualInstant.start
    private var arrivals: [ManualInstant]
    private var entries: [Int: Entry] = [:]
    private var generator: SeededGenerator

    init(models: Int = 1, perBatch: Double = 0.01, perToken: Double = 0.001, timeout: Duration, seed: UInt64) {
        (self.perBatch, self.perToken, self.timeout) = (perBatch, perToken, timeout)
        generator = SeededGenerator(seed: seed)
        arrivals = [ManualInstant](repeating: .start, count: models)
        outcomes = [Outcome](repeating: Outcome(), count: models)
        var costs = CostModel()
        for tokens in [8.0, 32, 128, 512] {
            costs.seed(WorkSize(tokens: tokens, pairs: 0), seconds: perBatch + perToken * tokens)
        }
        for _ in 0..<models { _ = gate.addModel(GateConfiguration(), costs: costs) }
    }

    /// Lets time pass, of which what comes before `settled` does not count.
    mutating func run(_ seconds: Int, settled: Int, length: (inout SeededGenerator) -> Int) {
        while now < .start + .seconds(seconds) {
            receive(until: now, countingFrom: .start + .seconds(settled), length)
            guard case .run(let model, let batch) = gate.next(at: now) else {
                now = now + .milliseconds(1)
                continue
            }
            let work = Double(batch.reduce(0) { $0 + $1.slice.tokens.count })
            let time = (perBatch + perToken * work) * Double.random(in: 0.95...1.05, using: &generator)
            let end = now + .seconds(time)
            receive(until: end, countingFrom: .start + .seconds(settled), length)
            now = end
            gate.finishBatch(seconds: time, lasting: time)
            for item in batch {
                guard let entry = entries.removeValue(forKey: item.request) else { continue }
                let delay = entry.deadline.duration(to: now)
                outcomes[model].longestDelay = max(outcomes[model].longestDelay, delay)
                if delay <= .zero, now >= .start + .seconds(settled) { outcomes[model].goodTokens += entry.tokens }
            }
        }
    }

    private mutating func receive(
        until end: ManualInstant, countingFrom settled: ManualInstant, _ length: (inout SeededGenerator) -> Int
    ) {
        while let model = arrivals.indices.min(by: { arrivals[$0] < arrivals[$1] }), arrivals[model] <= end {
            let (at, tokens) = (arrivals[model], length(&generator))
            // Twice what the engine could do, in tokens.
            let pause = perToken * Double(tokens) / 2
            arrivals[model] = at + .seconds(pause * Double.random(in: 0...2, using: &generator))
            let deadline = at + timeout
            let result = gate.submit(.sequences([tokens]), to: model, deadline: deadline, at: at)
            if at >= settled {
                outcomes[model].offered += 1
                outcomes[model].offeredTokens += tokens
            }
            guard case .success(let request) = result else { continue }
            entries[request] = Entry(model: model, tokens: tokens, deadline: deadline)
            if at >= settled {
                outcomes[model].admitted += 1
                outcomes[model].admittedTokens += tokens
            }
        }
    }
}

/// Who is turned away while more comes than can be done does not depend on the length of the text.
@Suite struct LengthFairnessTests: GateTesting {
    @Test(arguments: [500, 1000, 2000, 10_000], [1, 2] as [UInt64])
    func underOverloadLongTextsAreLetInAsOftenAsShortOnes(milliseconds: Int, seed: UInt64) {
        var overload = Overload(timeout: .milliseconds(milliseconds), seed: seed)
        overload.run(80, settled: 20) { Int.random(in: 4...128, using: &$0) }
        let outcome = overload.outcomes[0]
        #expect(abs(outcome.meanAdmitted / outcome.meanOffered - 1) < 0.1, "\(outcome)")
        #expect(outcome.longestDelay < .milliseconds(50), "\(outcome)")
        // A token a millisecond, if batches cost nothing.
        #expect(Double(outcome.goodTokens) > 0.85 * 60_000, "\(outcome)")
        #expect(outcome.admitted < outcome.offered * 6 / 10)
    }

    @Test(arguments: 0..<3 as Range<UInt64>) func ofSeveralLargeModelsToo(seed: UInt64) {
        var overload = Overload(models: 3, perBatch: 0.03, timeout: .seconds(4), seed: 20 + seed)
        overload.run(120, settled: 20) { Int.random(in: 4...128, using: &$0) }
        for outcome in overload.outcomes {
            #expect(abs(outcome.meanAdmitted / outcome.meanOffered - 1) < 0.1, "\(outcome)")
            #expect(outcome.longestDelay < .milliseconds(50), "\(outcome)")
        }
        let tokens = overload.outcomes.reduce(0) { $0 + $1.goodTokens }
        #expect(Double(tokens) > 0.86 * 100_000, "\(tokens) of 100,000 tokens")
    }

    /// One text in twenty is fifty times as long as the others.
    @Test func fewLongTextsAmongManyShortOnesFindRoom() {
        var overload = Overload(timeout: .seconds(4), seed: 7)
        overload.run(120, settled: 20) { Int.random(in: 0..<20, using: &$0) == 0 ? 500 : 10 }
        let outcome = overload.outcomes[0]
        #expect(outcome.meanAdmitted > 0.8 * outcome.meanOffered, "\(outcome)")
        #expect(Double(outcome.goodTokens) > 0.9 * 100_000, "\(outcome)")
    }

    @Test func textsOfOneLengthAreLetInAsLongAsThereIsTime() {
        var overload = Overload(timeout: .seconds(2), seed: 8)
        overload.run(60, settled: 20) { _ in 8 }
        #expect(Double(overload.outcomes[0].goodTokens) > 0.9 * 40_000, "\(overload.outcomes[0])")
    }

    // MARK: Single requests

    @Test func nobodySmallerIsLetInPastOneThatWasTurnedAway() throws {
        var gate = Self.gate()
        for _ in 0..<3 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        let deadline = start + .milliseconds(460)
        // 330 ms wait. Before a large one is turned away a small one fits in.
        _ = try gate.submit(lengths: [1], deadline: deadline, at: start).get()
        #expect(Self.refusal(gate.submit(lengths: [120], deadline: deadline, at: start))?.reason == .deadline)
        #expect(Self.refusal(gate.submit(lengths: [1], deadline: deadline, at: start))?.reason == .deadline)
        // Who has the time of the large one gets in.
        _ = try gate.submit(lengths: [1], deadline: start + .milliseconds(560), at: start).get()
        // And all, once the large one would.
        _ = gate.next(at: start)
        gate.finishBatch(seconds: 0.11)
        let later = start + .milliseconds(110)
        _ = try gate.submit(lengths: [1], deadline: later + .milliseconds(460), at: later).get()
    }

    @Test func whoIsEarlyOrAmongTheFirstDoesNotMindThoseWhoWereTurnedAway() throws {
        var gate = Self.gate()
        for _ in 0..<2 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        let refused = gate.submit(lengths: [500], deadline: start + .milliseconds(600), at: start)
        #expect(Self.refusal(refused)?.reason == .deadline)
        // 200 tokens are before it, fewer than of the large one.
        _ = try gate.submit(lengths: [1], deadline: start + .milliseconds(400), at: start).get()
        for _ in 0..<4 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        // 780 ms, which is half of the time that it has.
        _ = try gate.submit(lengths: [1], deadline: start + .milliseconds(1600), at: start).get()
        // Idle again.
        while case .run = gate.next(at: start) { gate.finishBatch(seconds: nil) }
        _ = try gate.submit(lengths: [1], deadline: start + .milliseconds(12), at: start).get()
    }

    @Test func whoWasTurnedAwayIsForgotten() throws {
        var gate = Self.gate()
        for _ in 0..<3 { _ = try gate.submit(lengths: [100], deadline: far, at: start).get() }
        let deadline = start + .milliseconds(450)
        #expect(Self.refusal(gate.submit(lengths: [200], deadline: deadline, at: start))?.reason == .deadline)
        let tries = (0..<2000).first { _ in
            Self.refusal(gate.submit(lengths: [1], deadline: deadline, at: start)) == nil
        }
        #expect((100..<1000).contains(tries ?? 0), "\(tries ?? -1)")
    }
}
