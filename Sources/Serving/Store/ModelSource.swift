import Metrics
import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Where a model comes from, and how it is served.
public struct ModelSource: Sendable {
    /// The name by which clients ask for it.
    public var name: String
    /// A checkpoint directory in the layout of the Hugging Face Hub.
    public var directory: String
    /// What to do with it, by the names of transformers; nil for what the checkpoint was made for.
    public var task: String?
    /// How it is loaded.
    public var loading: LoadOptions
    /// How it is served.
    public var serving: ServingConfiguration

    /// - Parameter name: nil for the last component of the directory's path
    public init(
        name: String? = nil, directory: String, task: String? = nil, loading: LoadOptions = LoadOptions(),
        serving: ServingConfiguration = ServingConfiguration()
    ) {
        self.name = name ?? CheckpointFiles.name(of: directory)
        (self.directory, self.task, self.loading, self.serving) = (directory, task, loading, serving)
    }

    /// Loads the model on a scheduler, once its memory is reserved.
    ///
    /// Waits for turns of the scheduler and for files, so it must not be called on threads that receive and send.
    ///
    /// - Throws: what ``ModelLoad/load(_:in:)`` throws, and `PipelineError` if the checkpoint tells no task.
    package func load(on scheduler: Scheduler, metrics: any MetricsFactory = MetricsSystem.factory) throws
        -> ServedModel
    {
        let files = try CheckpointFiles(directory: directory)
        let entry = try files.entry(forTask: task)
        let load = ModelLoad(
            name: name, files: files, readouts: [entry.type.readout], loading: loading, serving: serving,
            scheduler: scheduler, metrics: metrics)
        return try load.run { loaded, turns in [try JSONPipeline(entry, on: loaded, in: turns)] }
    }
}

/// The steps from files to a model that is served.
struct ModelLoad {
    let name: String
    let files: CheckpointFiles
    let readouts: Set<Readout>
    let loading: LoadOptions
    let serving: ServingConfiguration
    let scheduler: Scheduler
    let metrics: any MetricsFactory

    /// Reserves the memory by the headers of the files, loads, warms up, and gives the model to the scheduler.
    ///
    /// - Parameter pipelines: makes the tasks on the loaded model
    /// - Throws: `CheckpointError`, `TokenizerError` or `PipelineError`, which say what is wrong with which file,
    ///   ``WorkspaceError`` if the memory does not suffice, and `TurnsEnded` if the scheduler stops.
    func run(_ pipelines: (LoadedModel, ComputeTurns) throws -> [JSONPipeline]) throws -> ServedModel {
        let turns = scheduler.loadingTurns
        let plan = try LoadPlan(files, reading: readouts, loading, in: turns)
        let passes = try WorkspacePlan(
            for: plan.model, serving, in: turns, memory: roomForPasses(beside: plan.residentBytes))
        // The most of what loading takes on its way and of what the passes take in the end.
        let passing = max(
            plan.transientBytes, serving.warmsUp ? passes.bytes : 0, passes.bytes - scheduler.arenaBytes)
        let memory = try scheduler.ledger.reserve(plan.residentBytes + passing, for: "the model \(name)")
        let loaded = try LoadedModel(
            files, reading: readouts, loading, in: turns, holding: memory.split(plan.residentBytes))
        return try ServedModel(
            loaded, pipelines(loaded, turns), named: name, serving, passes, on: scheduler, metrics: metrics,
            from: memory)
    }

    /// What passes may take beside a model: what nobody has reserved, and the arena, in which they take turns.
    private func roomForPasses(beside bytes: Int) -> MemoryLimit? {
        scheduler.ledger.room.map { room in
            MemoryLimit(room.source, limit: room.limit, used: room.used + bytes - scheduler.arenaBytes)
        }
    }
}
