import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct CostModelTests {
    private static func actual(_ work: WorkSize) -> Double { 0.004 + 0.0004 * work.tokens + 2e-8 * work.pairs }

    private static let shapes = [[8], [32], [128], [512], [32, 32, 32, 32], [100, 20, 300]].map {
        WorkSize(lengths: $0)
    }

    @Test func findsTheCoefficientsOfExactTimes() {
        var costs = CostModel()
        for work in Self.shapes { costs.seed(work, seconds: Self.actual(work)) }
        for work in [WorkSize(length: 77), WorkSize(lengths: [400, 400])] {
            #expect(abs(costs.seconds(work) / Self.actual(work) - 1) < 1e-6)
        }
    }

    @Test func followsAMachineThatSlowsDown() {
        var costs = CostModel()
        for work in Self.shapes { costs.seed(work, seconds: Self.actual(work)) }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            let work = WorkSize(lengths: [
                Int.random(in: 4...128, using: &generator), Int.random(in: 4...128, using: &generator),
            ])
            costs.observe(work, seconds: 2 * Self.actual(work) * Double.random(in: 0.95...1.05, using: &generator))
        }
        let work = WorkSize(lengths: [64, 64])
        #expect(abs(costs.seconds(work) / (2 * Self.actual(work)) - 1) < 0.1)
        #expect(costs.relativeError < 0.1)
    }

    @Test func neverPredictsLessForMore() {
        var costs = CostModel()
        var generator = SeededGenerator(seed: 5)
        // Noise that a plain fit answers with negative coefficients.
        for _ in 0..<200 {
            let work = WorkSize(length: Int.random(in: 1...64, using: &generator))
            costs.observe(work, seconds: Double.random(in: 0.001...0.1, using: &generator))
            #expect(costs.coefficients.min() >= 0)
        }
        #expect(costs.seconds(WorkSize(length: 64), batches: 2) >= costs.seconds(WorkSize(length: 8)))
    }

    @Test func knowsNothingAtFirst() {
        let costs = CostModel()
        #expect(costs.seconds(WorkSize(length: 512)) == 0)
        #expect(costs.budget(within: 0.03, of: WorkSize(tokens: 1, pairs: 32)) == nil)
    }

    @Test func followsAChangeOfPaceWithinAFewBatches() {
        var costs = CostModel()
        for work in Self.shapes { costs.seed(work, seconds: Self.actual(work)) }
        for pace in [10.0, 0.5, 1] {
            // One size only: what the others cost follows.
            for _ in 0..<3 { costs.observe(Self.shapes[3], seconds: pace * Self.actual(Self.shapes[3])) }
            for work in Self.shapes { #expect(abs(costs.seconds(work) / Self.actual(work) / pace - 1) < 0.05) }
        }
    }

    @Test func aSingleSlowBatchChangesNothing() {
        var costs = CostModel()
        for work in Self.shapes { costs.seed(work, seconds: Self.actual(work)) }
        for index in 0..<50 {
            let work = Self.shapes[index % Self.shapes.count]
            costs.observe(work, seconds: Self.actual(work) * (index % 10 == 5 ? 20 : 1))
            for work in Self.shapes { #expect(abs(costs.seconds(work) / Self.actual(work) - 1) < 0.05) }
        }
    }

    @Test func theLeastTimeEverIsNotForgotten() {
        var costs = CostModel()
        #expect(costs.leastSeconds(WorkSize(length: 10)) == 0)
        costs.seed(WorkSize(length: 10), seconds: 0.1)
        costs.observe(WorkSize(lengths: [10, 10]), seconds: 0.1)
        for _ in 0..<1000 { costs.observe(WorkSize(length: 10), seconds: 1) }
        #expect(abs(costs.leastSeconds(WorkSize(length: 100)) - 0.5) < 1e-12)
    }

    /// Steps of next tokens tell nothing of prompts, and do not make forgotten what prompts told.
    @Test func manyStepsOfNextTokensLeaveTheCostOfPrompts() {
        func seconds(_ work: WorkSize) -> Double { 0.006 + 0.00025 * work.tokens + 2e-9 * work.outputs }
        func step(_ prompt: Double, decodes: Double) -> WorkSize {
            WorkSize(tokens: prompt + decodes, pairs: 64 * decodes, outputs: 50_000 * (decodes + (prompt > 0 ? 1 : 0)))
        }
        var costs = CostModel()
        for prompt in [8.0, 32, 128, 512] {
            costs.seed(step(prompt, decodes: 0), seconds: seconds(step(prompt, decodes: 0)))
        }
        for prompt in [500.0, 120, 300] {
            costs.observe(step(prompt, decodes: 4), seconds: seconds(step(prompt, decodes: 4)))
        }
        var random = SeededGenerator(seed: 9)
        for _ in 0..<3000 {
            let work = step(0, decodes: Double(Int.random(in: 7...9, using: &random)))
            // Other programs make them longer now and then.
            costs.observe(work, seconds: seconds(work) * Double.random(in: 1...1.3, using: &random), isDecode: true)
        }
        let chunk = step(400, decodes: 8)
        #expect(abs(costs.seconds(chunk) / seconds(chunk) - 1) < 0.3)
    }
}
