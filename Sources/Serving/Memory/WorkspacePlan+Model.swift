import PenstockCompute
import PenstockModels

extension WorkspacePlan {
    /// The memory in which the passes of a model work.
    ///
    /// - Parameter memory: what there is; nil for no limit
    /// - Throws: ``WorkspaceError`` if it does not suffice for the longest input, and `TurnsEnded`.
    package init(
        for model: any Model, _ configuration: ServingConfiguration, in turns: ComputeTurns, memory: MemoryLimit?
    ) throws {
        let cost = try turns.turn { model.workspaceCost(on: $0) }
        let wanted = configuration.gate.maxBatchTokens ?? configuration.gate.batchTokenCapacity
        try self.init(
            cost, wantedTokens: min(max(1, wanted), Self.mostTokens), minimumTokens: model.limits.tokens, memory: memory
        )
    }
}

extension WorkspacePlan {
    /// No batch has more tokens, whatever is asked for.
    private static let mostTokens = 1 << 20
}

extension Model {
    /// Returns what a workspace for this model takes: exact for budgets of at least a group of tokens and the longest
    /// sequence, for smaller ones a little more than that.
    func workspaceCost(on cpu: CPU) -> WorkspaceCost {
        let tokens = max(limits.tokens, Self.groupTokens)
        let bytes = workspaceBytes(tokens: tokens, on: cpu)
        let perToken = workspaceBytes(tokens: 2 * tokens, on: cpu) / tokens - bytes / tokens
        return WorkspaceCost(fixedBytes: max(0, bytes - tokens * perToken), bytesPerToken: perToken)
    }
}
