import PenstockCompute
import PenstockModels

extension WarmUp {
    /// Measures the cost of steps of a model that generates.
    ///
    /// - Parameters:
    ///   - capacity: tokens of the largest step that it may run
    ///   - isAlone: whether no other model has to wait for it; if one has, no part of a step takes longer than a turn
    ///     may
    /// - Throws: `ResourceError` if there is no memory for them, and `TurnsEnded`.
    static func costs(
        of generator: Generator, tokens capacity: Int, isAlone: Bool, in turns: ComputeTurns
    ) throws -> CostModel {
        let run = try StepRun(generator, tokens: capacity, in: turns)
        let longest = min(generator.longestText, capacity)
        let parts = try run.parts(Shape(sequences: 1, length: min(8, longest), rows: 1))
        return try costs(
            longest: longest, capacity: min(capacity, generator.pool.count * PageShape.tokens / 2),
            width: generator.outputs, longestPass: isAlone ? .infinity : longestStep * Double(parts ?? 1),
            from: generator.unknownCosts, run: run.seconds)
    }
}

/// Runs steps of new sequences in turns, so that others compute in between.
private final class StepRun {
    private let generator: Generator
    private let workspace: Workspace
    private let turns: ComputeTurns
    private let step = DecoderStep()

    init(_ generator: Generator, tokens: Int, in turns: ComputeTurns) throws {
        (self.generator, self.turns) = (generator, turns)
        workspace = try turns.turn { cpu in
            try Workspace { generator.model.layOut(stepTokens: tokens, on: cpu, in: $0) }
        }
    }

    /// The seconds that a step takes, the turns of others left out; nil if there are no pages for it.
    func seconds(_ shape: WarmUp.Shape) throws -> Double? {
        let before = turns.used
        return try parts(shape).map { _ in turns.used - before }
    }

    /// Runs a step. Returns the number of parts between which others may compute; nil if there are no pages for it.
    func parts(_ shape: WarmUp.Shape) throws -> Int? {
        let (model, pool) = (generator.model, generator.pool)
        var sequences: [DecoderSequence] = []
        defer { for sequence in sequences { sequence.releaseAll(in: pool) } }
        step.removeAll()
        let ids = [Int32](repeating: 0, count: shape.length)
        for number in 0..<shape.sequences {
            let sequence = DecoderSequence(rotation: try model.rotation(extent: shape.length))
            sequences.append(sequence)
            guard sequence.reserve(shape.length, in: pool) else { return nil }
            step.append(sequence, ids: ids, reading: number == 0 ? .some(Array(0..<shape.rows)) : .nothing)
        }
        var parts = 1
        let isDone = try turns.turn { cpu in
            model.forward(
                step, in: pool, on: cpu, in: workspace,
                isWanted: {
                    parts += 1
                    return turns.renewIfDue()
                }
            ) { _, _ in }
        }
        guard isDone else { throw TurnsEnded() }
        return parts
    }
}
