import PenstockCompute
import PenstockModels

/// The first batches of a model: they touch its memory, and what they cost seeds the cost model.
package enum WarmUp {
    /// Seconds that the first round takes at most, but for the smallest batch, and then all further rounds together.
    private static let limit = 0.5
    /// How often each shape is run at most.
    private static let rounds = 4

    private static let shapes = [(1, 8), (1, 32), (4, 32), (1, 128), (1, 512), (16, 32), (4, 128), (32, 32)]

    /// What batches cost a runner.
    static func costs(of runner: BatchRunner, longest: Int, capacity: Int) throws -> CostModel {
        try runner.warmUp(sequences: 1, length: min(8, longest))
        let clock = ContinuousClock()
        return try costs(longest: longest, capacity: capacity) { sequences, length in
            try clock.measure { try runner.warmUp(sequences: sequences, length: length) } / .seconds(1)
        }
    }

    /// What batches cost, from small to large as far as the time suffices.
    ///
    /// Of each shape the least of several times counts, a round of all shapes apart: other programs make times longer,
    /// never shorter, and seldom for all rounds.
    ///
    /// - Parameter run: runs a number of sequences of a length, and returns the seconds that it took.
    package static func costs(
        longest: Int, capacity: Int, run: (_ sequences: Int, _ length: Int) throws -> Double
    ) rethrows -> CostModel {
        var times: [(work: WorkSize, seconds: Double)] = []
        var costs = CostModel()
        var spent = 0.0
        let shapes = shapes.filter { $1 <= longest && $0 * $1 <= capacity }
        for (sequences, length) in shapes {
            let work = WorkSize(lengths: repeatElement(length, count: sequences))
            guard spent + costs.seconds(work) < limit else { break }
            let seconds = try run(sequences, length)
            spent += seconds
            times.append((work, seconds))
            costs.seed(work, seconds: seconds)
        }
        spent = 0
        for _ in 1..<rounds {
            for (index, (sequences, length)) in shapes.prefix(times.count).enumerated() {
                guard spent + times[index].seconds < limit else { break }
                let seconds = try run(sequences, length)
                spent += seconds
                times[index].seconds = min(times[index].seconds, seconds)
            }
        }
        return times.reduce(into: CostModel()) { $0.seed($1.work, seconds: $1.seconds) }
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
