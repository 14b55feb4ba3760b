import PenstockCompute
import PenstockModels

extension WarmUp {
    /// The memory of its batches: those that fit; nil if not even the smallest do.
    ///
    /// - Parameter passes: the memory of the model's passes, beyond which it does not go
    static func plan(
        for model: any Model, _ passes: WorkspacePlan, in turns: ComputeTurns, memory: MemoryLimit?
    ) -> WorkspacePlan? {
        let largest = max(model.limits.tokens, shapes.reduce(0) { max($0, $1.tokens) })
        guard let cost = try? turns.turn({ model.workspaceCost(on: $0) }) else { return nil }
        return try? WorkspacePlan(
            cost, wantedTokens: min(largest, passes.tokens), minimumTokens: min(8, passes.tokens), memory: memory)
    }

    /// Measures the cost of batches of a model.
    ///
    /// - Parameters:
    ///   - capacity: tokens of the largest batch that it may run
    ///   - isAlone: whether no other model has to wait for it; if one has, no step of a pass takes longer than a turn
    ///     may
    /// - Throws: ``ResourceError`` if there is no memory for them, and ``TurnsEnded``.
    static func costs(
        of model: any Model, tokens capacity: Int, isAlone: Bool, in turns: ComputeTurns
    ) throws -> CostModel {
        let readout = model.readouts.max { (model.widths[$0] ?? 0) < (model.widths[$1] ?? 0) } ?? .hiddenStates
        let width = model.widths[readout] ?? 0
        let longest = min(model.limits.tokens, capacity)
        let run = try WarmUpRun(model, reading: readout, tokens: capacity, in: turns)
        let steps = try run.steps(Shape(sequences: 1, length: min(8, longest), rows: 1))
        return try costs(
            longest: longest, capacity: capacity, width: width,
            longestPass: isAlone ? .infinity : longestStep * Double(steps), run: run.seconds)
    }
}

/// Runs batches in turns, so that others compute in between.
private struct WarmUpRun {
    private let model: any Model
    private let readout: Readout
    private let workspace: Workspace
    private let turns: ComputeTurns

    init(_ model: any Model, reading readout: Readout, tokens: Int, in turns: ComputeTurns) throws {
        (self.model, self.readout, self.turns) = (model, readout, turns)
        workspace = try turns.turn { try model.workspace(tokens: tokens, on: $0) }
    }

    /// The seconds that a batch takes, the turns of others left out.
    func seconds(_ shape: WarmUp.Shape) throws -> Double {
        let before = turns.used
        _ = try steps(shape)
        return turns.used - before
    }

    /// Runs a batch. Returns the number of steps between which others may compute.
    func steps(_ shape: WarmUp.Shape) throws -> Int {
        var batch = ModelBatch(for: model)
        let ids = [Int32](repeating: 0, count: shape.length)
        for sequence in 0..<shape.sequences {
            let rows = sequence == 0 ? Array(0..<shape.rows) : []
            batch.append(ModelInput(ids: ids, typeIDs: ids, reading: readout, of: .someTokens(rows)))
        }
        var steps = 1
        let isDone = try turns.turn { cpu in
            try model.forward(
                batch, on: cpu, in: workspace,
                isWanted: {
                    steps += 1
                    return turns.renewIfDue()
                }
            ) { _, _ in }
        }
        guard isDone else { throw TurnsEnded() }
        return steps
    }
}
