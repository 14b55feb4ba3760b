import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Runs a pipeline's model on batches of whole sequences.
struct EngineBench: ~Copyable {
    private let loaded: LoadedModel
    private let machine: BenchMachine
    private let seconds: Double

    /// - Parameter seconds: how long each case is run.
    init(_ loaded: LoadedModel, threads: Int, seconds: Double) throws {
        (self.loaded, self.seconds) = (loaded, seconds)
        machine = try BenchMachine(threads: threads)
    }

    func limits() -> BenchMachine.Limits { machine.limits(seconds: seconds) }

    func measure(_ benchCase: BenchCase) throws -> BenchMeasurement {
        let run = try CaseRun(loaded.model, benchCase.lengths, on: machine.cpu)
        let cost = loaded.model.cost
        return try machine.measure(
            benchCase.name, loaded.dtype,
            BenchMachine.Cost(
                tokens: benchCase.lengths.reduce(0, +), operations: Double(cost.operations(lengths: benchCase.lengths)),
                bytes: Double(cost.weightBytes)), seconds: seconds, run.seconds)
    }
}

/// A batch and the memory to run it in.
private struct CaseRun {
    private let model: any Model
    private let cpu: CPU
    private let workspace: Workspace
    private var batch: ModelBatch

    init(_ model: any Model, _ lengths: [Int], on cpu: CPU) throws {
        self.model = model
        self.cpu = cpu
        batch = ModelBatch(for: model)
        var ids = BenchTokens(for: model.limits)
        for length in lengths {
            batch.append(
                ModelInput(ids: ids.next(length), typeIDs: Array(repeating: 0, count: length), reading: .hiddenStates))
        }
        workspace = try model.workspace(tokens: batch.packed.tokens, on: cpu)
    }

    func seconds() throws -> Double {
        let duration = try ContinuousClock().measure {
            _ = try model.forward(batch, on: cpu, in: workspace, isWanted: { true }) { _, _ in }
        }
        return duration / .seconds(1)
    }
}
