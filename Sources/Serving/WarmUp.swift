import PenstockCompute
import PenstockModels

/// The first batches of a model: they touch its memory, and what they cost seeds the cost model.
enum WarmUp {
    /// Seconds that it takes at most, but for the smallest batch.
    private static let limit = 0.5

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
    /// What a workspace for this model takes: exact for budgets of at least a group of tokens and the longest sequence,
    /// for smaller ones a little more than that.
    func workspaceCost(on cpu: CPU) -> WorkspaceCost {
        let tokens = max(limits.tokens, Self.groupTokens)
        let bytes = workspaceBytes(tokens: tokens, on: cpu)
        let perToken = workspaceBytes(tokens: 2 * tokens, on: cpu) / tokens - bytes / tokens
        return WorkspaceCost(fixedBytes: max(0, bytes - tokens * perToken), bytesPerToken: perToken)
    }
}
