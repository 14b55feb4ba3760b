import PenstockCompute
import PenstockModels

/// The first batches of a model: they touch its memory, and what they cost seeds the cost model.
enum WarmUp {
    /// Seconds that it takes at most, but for the smallest batch.
    private static let limit = 1.5

    private static let shapes = [(1, 8), (1, 32), (4, 32), (1, 128), (1, 512), (16, 32), (4, 128), (32, 32)]

    /// What batches cost, from small to large as far as the time suffices.
    static func costs(of runner: BatchRunner, longest: Int, capacity: Int) throws -> CostModel {
        let clock = ContinuousClock()
        let start = clock.now
        var costs = CostModel()
        try runner.warmUp(sequences: 1, length: min(8, longest))
        for (sequences, length) in shapes where length <= longest && sequences * length <= capacity {
            let work = WorkSize(lengths: repeatElement(length, count: sequences))
            guard start.duration(to: clock.now) / .seconds(1) + costs.seconds(work) < limit else { break }
            let duration = try clock.measure { try runner.warmUp(sequences: sequences, length: length) }
            costs.seed(work, seconds: duration / .seconds(1))
        }
        return costs
    }
}

extension Model {
    /// What a workspace for this model takes. Linear for budgets of at least its longest sequence.
    func workspaceCost(on cpu: CPU) -> WorkspaceCost {
        let longest = limits.tokens
        let bytes = workspaceBytes(tokens: longest, on: cpu)
        let perToken = workspaceBytes(tokens: longest + 1, on: cpu) - bytes
        return WorkspaceCost(fixedBytes: max(0, bytes - longest * perToken), bytesPerToken: perToken)
    }
}
