import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// What models of reduced precision give, beside the same in float32.
@Suite struct ModelPrecisionTests {
    /// The smallest cosine of two lists of rows.
    private static func cosine(_ a: [[[Float]]], _ b: [[[Float]]]) -> Double {
        zip(a.flatMap { $0 }, b.flatMap { $0 }).map { a, b in
            func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
            return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        }.min() ?? 0
    }

    @Test(
        arguments: ["bert-tiny", "bert-odd", "bert-encoder", "bert-f16", "mpnet-masked", "albert-masked"],
        Kernels.available)
    func closeToFloat32(checkpoint: String, kernels: Kernels) throws {
        try check(checkpoint, kernels, bfloat16: 0.9995, int8: 0.99)
    }

    /// Scores of random weights are so large that the softmax is about to jump, and errors grow from layer to layer.
    @Test(
        arguments: ["electra-masked", "albert-sequence", "modernbert-encoder", "gte-sequence", "nomic-masked"],
        Kernels.available)
    func notFarFromFloat32(checkpoint: String, kernels: Kernels) throws {
        try check(checkpoint, kernels, bfloat16: 0.95, int8: 0.75)
    }

    private func check(_ checkpoint: String, _ kernels: Kernels, bfloat16: Double, int8: Double) throws {
        let directory = Fixtures.checkpoint(checkpoint)
        let cpu = makeCPU(threads: 2, kernels: kernels)
        var random = SeededGenerator(seed: 1)
        let wide = try load(directory, .hiddenStates, .float32, kernels: kernels)
        let sequences = [1, 9, wide.limits.tokens].map { wide.sequence(length: $0, &random) }
        let expected = wide.readouts(of: sequences, on: cpu)
        for (precision, bound) in [(Precision.bfloat16, bfloat16), (.int8, int8)] {
            let model = try load(directory, .hiddenStates, precision, kernels: kernels)
            let found = model.readouts(of: sequences, on: cpu)
            let cosine = Self.cosine(found, expected)
            #expect(cosine > bound && cosine < 1, "\(precision)")
        }
    }

    /// Random weights have nothing of the order that four bits keep; those of embeddings have twice as many. The weights of
    /// `bert-encoder` are so large (deviation 0.32) that its attention jumps: rounded to four bits by PyTorch, with inputs
    /// in float32, they leave 0.79.
    @Test(arguments: ["bert-tiny", "bert-odd", "bert-encoder", "mpnet-masked", "albert-masked"], Kernels.available)
    func fourBits(checkpoint: String, kernels: Kernels) throws {
        let directory = Fixtures.checkpoint(checkpoint)
        let cpu = makeCPU(threads: 2, kernels: kernels)
        var random = SeededGenerator(seed: 1)
        let wide = try load(directory, .hiddenStates, .float32, kernels: kernels)
        let target = LoadTarget(makeTurns(threads: 1, kernels: kernels), format: .int4)
        let narrow = try ModelRegistry.load(
            try Checkpoint(directory: directory), readouts: [.hiddenStates], for: target)
        let sequences = [1, 9, wide.limits.tokens].map { wide.sequence(length: $0, &random) }
        let cosine = Self.cosine(
            narrow.readouts(of: sequences, on: cpu), wide.readouts(of: sequences, on: cpu))
        #expect(cosine > (checkpoint == "bert-encoder" ? 0.7 : 0.8) && cosine < 1, "\(cosine)")
        #expect(2 * narrow.cost.weightBytes < wide.cost.weightBytes)
    }

    @Test func costs() throws {
        let directory = Fixtures.checkpoint("bert-tiny")
        let costs = try Precision.allCases.map { try load(directory, .hiddenStates, $0).cost }
        #expect(Set(costs.map(\.operationsPerToken)).count == 1 && Set(costs.map(\.operationsPerPair)).count == 1)
        #expect(costs[0].weightBytes == 2 * costs[1].weightBytes && costs[1].weightBytes == 2 * costs[2].weightBytes)
        let cost = ModelCost(weightBytes: 1, operationsPerToken: 10, operationsPerPair: 3)
        #expect(cost.operations(lengths: []) == 0 && cost.operations(lengths: [2, 5]) == 70 + 3 * 29)
        let windowed = ModelCost(
            weightBytes: 1, operationsPerToken: 10, operationsPerPair: 3, operationsPerSeenPair: 100,
            window: .window(before: 1, behind: 1))
        #expect(windowed.operations(lengths: [2, 5]) == 70 + 3 * 29 + 100 * (4 + 13))
    }
}
