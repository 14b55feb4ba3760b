import PenstockServing
import Testing

/// How the gate puts the steps of a model that generates together.
@Suite struct StepGateTests {
    private typealias TestGate = Gate<ManualInstant>

    private static let start = ManualInstant.start
    private static let far = start.advanced(by: .seconds(3600))
    /// 5 ms for a step and 0.1 ms for each of its tokens.
    private static let costs: CostModel = {
        var costs = CostModel()
        for tokens in [1, 8, 64, 256, 512] {
            costs.seed(
                WorkSize(tokens: Double(tokens), pairs: 0), seconds: 0.005 + 0.0001 * Double(tokens))
        }
        return costs
    }()

    private static func gate(_ rule: StepRule = StepRule()) -> TestGate {
        var configuration = GateConfiguration()
        configuration.steps = rule
        return TestGate(configuration, costs: costs)
    }

    private static func slice(_ tokens: Range<Int>, _ kind: Slice.Kind) -> Slice {
        Slice(sequence: 0, tokens: tokens, work: WorkSize(tokens: Double(tokens.count), pairs: 0), kind: kind)
    }

    private static func prompt(_ tokens: Int, pages: Int = 1) -> [Slice] {
        [slice(0..<tokens, .opening(pages: pages, wasSetBack: false))]
    }

    private static func submit(_ slices: [Slice], to gate: inout TestGate) throws -> Int {
        try gate.submit(slices, to: 0, deadline: far, at: start).get()
    }

    /// Runs the next step. Returns the tokens of each of its items, by request.
    private static func step(_ gate: inout TestGate, isAwaited: (Int) -> Bool = { _ in true }) -> [Int: Range<Int>]? {
        guard case .run(_, let items) = gate.next(at: start, isAwaited: isAwaited).step else { return nil }
        gate.finishBatch(seconds: nil, lasting: 0)
        return Dictionary(items.map { ($0.request, $0.slice.tokens) }) { first, _ in first }
    }

    private static func goOn(_ request: Int, _ slice: Slice, in gate: inout TestGate) {
        gate.add(slice, to: request, of: 0, deadline: far, at: start)
    }

    @Test func aPromptAloneTakesStepsOfTheMostTokens() throws {
        var gate = Self.gate()
        let request = try Self.submit(Self.prompt(1200), to: &gate)
        #expect(Self.step(&gate) == [request: 0..<512])
        Self.goOn(request, Self.slice(512..<1200, .rest), in: &gate)
        #expect(Self.step(&gate) == [request: 512..<1024])
        Self.goOn(request, Self.slice(1024..<1200, .rest), in: &gate)
        #expect(Self.step(&gate) == [request: 1024..<1200])
    }

    @Test func textsThatGoOnAreRunningAndDoNotWait() throws {
        var gate = Self.gate()
        let request = try Self.submit(Self.prompt(8), to: &gate)
        #expect(gate.waiting == (1, 8) && gate.running(0) == 0)
        guard case .run = gate.next(at: Self.start, isAwaited: { _ in true }).step else {
            Issue.record("the prompt does not run")
            return
        }
        #expect(gate.waiting == (0, 0) && gate.running(0) == 1)
        gate.finishBatch(seconds: nil, lasting: 0)
        #expect(gate.running(0) == 0)
        Self.goOn(request, Self.slice(8..<9, .decode), in: &gate)
        let other = try Self.submit(Self.prompt(4), to: &gate)
        #expect(gate.waiting == (1, 4) && gate.running(0) == 1)
        gate.remove(request)
        #expect(gate.running(0) == 0)
        // One that was set back waits again.
        Self.goOn(other, Self.slice(0..<4, .opening(pages: 1, wasSetBack: true)), in: &gate)
        #expect(gate.waiting.items == 2 && gate.running(0) == 0)
    }

    @Test func allNextTokensAreInEachStepAndPromptsFillItsTime() throws {
        var gate = Self.gate()
        var going: [Int] = []
        for _ in 0..<8 {
            let request = try Self.submit(Self.prompt(1), to: &gate)
            going.append(request)
        }
        #expect(Self.step(&gate)?.count == 8)
        for request in going { Self.goOn(request, Self.slice(1..<2, .decode), in: &gate) }
        let long = try Self.submit(Self.prompt(4000), to: &gate)
        let step = try #require(Self.step(&gate))
        #expect(going.allSatisfy { step[$0] == 1..<2 })
        // 50 ms less 5 ms for the step and 0.8 ms for the others.
        let chunk = try #require(step[long]).count
        #expect((400...450).contains(chunk))
    }

    /// Guesses are in a step as long as its tokens cost less than the step itself: 50 of them.
    @Test(arguments: [(1, 8, 9), (8, 4, 40), (16, 4, 50), (60, 4, 60)])
    func guessesTakeWhatTimeThereIs(sequences: Int, guesses: Int, tokens: Int) throws {
        var gate = Self.gate()
        let requests = try (0..<sequences).map { _ in try Self.submit(Self.prompt(1), to: &gate) }
        _ = Self.step(&gate)
        for request in requests {
            let work = WorkSize(tokens: Double(1 + guesses), pairs: 0)
            Self.goOn(
                request, Slice(sequence: 0, tokens: 1..<2 + guesses, work: work, kind: .decode, guesses: guesses),
                in: &gate)
        }
        let step = try #require(Self.step(&gate))
        #expect(step.count == sequences)
        #expect(abs(step.values.reduce(0) { $0 + $1.count } - tokens) <= 1)
    }

    @Test func guessesMakeRoomForPrompts() throws {
        var gate = Self.gate()
        let request = try Self.submit(Self.prompt(1), to: &gate)
        _ = Self.step(&gate)
        let work = WorkSize(tokens: 9, pairs: 0)
        Self.goOn(request, Slice(sequence: 0, tokens: 1..<10, work: work, kind: .decode, guesses: 8), in: &gate)
        let prompt = try Self.submit(Self.prompt(4000), to: &gate)
        let step = try #require(Self.step(&gate))
        #expect(step[request] == 1..<2)
        #expect(try #require(step[prompt]).count > 100)
    }

    @Test func promptsGoOnBesideStepsThatHaveNoTimeForThem() throws {
        var gate = Self.gate(StepRule(tokenGap: 0.001))
        let first = try Self.submit(Self.prompt(1), to: &gate)
        _ = Self.step(&gate)
        Self.goOn(first, Self.slice(1..<2, .decode), in: &gate)
        let second = try Self.submit(Self.prompt(500), to: &gate)
        #expect(Self.step(&gate)?[second]?.count ?? 0 >= 16)
    }

    @Test func aPromptWaitsForPagesAndLetsNobodyPast() throws {
        var gate = Self.gate()
        gate.setFreePages(3, of: 0)
        let large = try Self.submit(Self.prompt(10, pages: 4), to: &gate)
        let small = try Self.submit(Self.prompt(10, pages: 1), to: &gate)
        #expect(Self.step(&gate) == nil)
        gate.setFreePages(4, of: 0)
        #expect(Self.step(&gate) == [large: 0..<10])
        gate.setFreePages(1, of: 0)
        #expect(Self.step(&gate) == [small: 0..<10])
    }

    /// Who is turned away comes back when sequences have given their pages back.
    @Test func theTimeToComeBackCountsPages() throws {
        for (free, releases, wait) in [
            (nil, [], 0.0...0.1), (0, [(400, 2), (200, 4)], 2.0...2.1), (5, [(400, 2), (200, 4)], 1.0...1.1),
            (6, [(400, 2)], 0.0...0.1),
        ] as [(Int?, [(Int, Int)], ClosedRange<Double>)] {
            var gate = Self.gate()
            gate.setFreePages(free, releases: releases.map { PageRelease(steps: $0, pages: $1) }, of: 0)
            _ = try Self.submit(Self.prompt(100), to: &gate)
            let deadline = Self.start.advanced(by: .milliseconds(15))
            let result = gate.submit(Self.prompt(100), to: 0, deadline: deadline, at: Self.start)
            let refusal = #expect(throws: TestGate.Refusal.self) { try result.get() }
            #expect(refusal?.reason == .deadline)
            #expect(wait.contains((refusal?.retryAfter ?? .zero) / .seconds(1)), "\(free ?? -1)")
        }
    }

    @Test func whoWasSetBackComesBeforeThoseWhoAreNew() throws {
        var gate = Self.gate()
        gate.setFreePages(2, of: 0)
        let victim = try Self.submit(Self.prompt(10, pages: 2), to: &gate)
        _ = Self.step(&gate)
        let fresh = try Self.submit(Self.prompt(10, pages: 1), to: &gate)
        gate.setFreePages(1, of: 0)
        Self.goOn(victim, Self.slice(0..<12, .opening(pages: 2, wasSetBack: true)), in: &gate)
        #expect(Self.step(&gate) == nil)
        gate.setFreePages(3, of: 0)
        #expect(Self.step(&gate) == [victim: 0..<12, fresh: 0..<10])
    }

    @Test func aShortPromptNeedNotWaitForALongOne() throws {
        var gate = Self.gate()
        let long = try Self.submit(Self.prompt(4000), to: &gate)
        var done = try #require(Self.step(&gate)?[long]).upperBound
        let short = try Self.submit(Self.prompt(20), to: &gate)
        var steps = 0
        while steps < 3 {
            Self.goOn(long, Self.slice(done..<4000, .rest), in: &gate)
            let step = try #require(Self.step(&gate))
            done = step[long]?.upperBound ?? done
            steps += 1
            if step[short] == 0..<20 { break }
        }
        #expect(steps <= 2)
    }

    @Test func whatNobodyWaitsForIsDropped() throws {
        var gate = Self.gate()
        let request = try Self.submit(Self.prompt(5), to: &gate)
        _ = Self.step(&gate)
        Self.goOn(request, Self.slice(5..<6, .decode), in: &gate)
        let decision = gate.next(at: Self.start) { _ in false }
        #expect(decision.dropped == [request])
        #expect(gate.isIdle(0))
    }
}
