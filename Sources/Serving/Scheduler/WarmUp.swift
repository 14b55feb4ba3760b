import PenstockCompute
import PenstockModels

/// The first batches of a model: what they cost seeds its cost model.
package enum WarmUp {
    /// Seconds that the first round takes at most, but for the smallest batch, and then all further rounds together.
    private static let limit = 0.5
    /// Seconds of a step of a pass between which others compute, about.
    static let longestStep = 0.008
    /// How often each shape is run at most.
    private static let rounds = 4

    /// A batch of sequences of one length, of the first of which so many tokens are read.
    package struct Shape: Sendable, Hashable {
        package let sequences: Int
        package let length: Int
        package let rows: Int

        fileprivate var tokens: Int { sequences * length }

        fileprivate func work(width: Int) -> WorkSize {
            WorkSize(lengths: repeatElement(length, count: sequences))
                + WorkSize(tokens: 0, pairs: 0, outputs: Double(rows * width))
        }
    }

    private static let shapes = [
        (1, 8, 1), (1, 32, 1), (1, 32, 32), (4, 32, 1), (1, 128, 1), (1, 512, 1), (16, 32, 1), (4, 128, 1), (32, 32, 1),
    ].map { Shape(sequences: $0, length: $1, rows: $2) }

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

    /// What batches of a model cost.
    ///
    /// - Parameters:
    ///   - capacity: tokens of the largest batch that it may run
    ///   - isAlone: whether no other model has to wait for it; if one has, no step of a pass takes longer than a turn may
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

    /// What batches cost, from small to large as far as the time suffices.
    ///
    /// Of each shape the least of several times counts, a round of all shapes apart: other programs make times longer,
    /// never shorter, and seldom for all rounds.
    ///
    /// - Parameters:
    ///   - width: numbers that are made of each row that is read; 0 for none, so that reading many is not tried
    ///   - longestPass: seconds that a batch may take, but for the smallest
    ///   - nothing: what is known before the first batch
    ///   - run: runs a batch, and returns the seconds that it took; nil if it cannot be run
    package static func costs(
        longest: Int, capacity: Int, width: Int, longestPass: Double = .infinity, from nothing: CostModel = CostModel(),
        run: (Shape) throws -> Double?
    ) rethrows -> CostModel {
        var times: [(shape: Shape, work: WorkSize, seconds: Double)] = []
        var costs = nothing
        var spent = 0.0
        let shapes = shapes.filter {
            $0.length <= longest && $0.tokens <= capacity && ($0.rows == 1 || width > 0)
        }
        for shape in shapes {
            let work = shape.work(width: width)
            guard spent + costs.seconds(work) < limit, costs.seconds(work) < longestPass else { break }
            guard let seconds = try run(shape) else { continue }
            spent += seconds
            times.append((shape, work, seconds))
            costs.seed(work, seconds: seconds)
        }
        spent = 0
        for _ in 1..<rounds {
            for index in times.indices {
                guard spent + times[index].seconds < limit, let seconds = try run(times[index].shape) else { break }
                spent += seconds
                times[index].seconds = min(times[index].seconds, seconds)
            }
        }
        return times.reduce(into: nothing) { $0.seed($1.work, seconds: $1.seconds) }
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
