import Metrics
import PenstockCompute
import PenstockFiles
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

    /// - Parameter name: nil for the last component of the directory's absolute path
    public init(
        name: String? = nil, directory: String, task: String? = nil, loading: LoadOptions = LoadOptions(),
        serving: ServingConfiguration = ServingConfiguration()
    ) {
        self.name = name ?? FilePath.name(of: directory)
        (self.directory, self.task, self.loading, self.serving) = (directory, task, loading, serving)
    }

    /// Loads the model on a scheduler, once its memory is reserved.
    ///
    /// Waits for turns of the scheduler and for files, so it must not be called on threads that receive and send.
    ///
    /// - Throws: what ``ModelLoad/run(_:)`` throws, and `PipelineError` if the checkpoint tells no task.
    package func load(on scheduler: Scheduler, metrics: any MetricsFactory = MetricsSystem.factory) throws
        -> ServedModel
    {
        let files = try CheckpointFiles(directory: directory, base: loading.adapterBase)
        let entry = try files.entry(forTask: task)
        let companions = try files.companions(of: entry, in: scheduler.loadingTurns)
        let load = ModelLoad(
            name: name, files: files, tasks: [entry.type], companions: companions.map(\.type), loading: loading,
            serving: serving, scheduler: scheduler, metrics: metrics)
        return try load.run { loaded, turns in
            [try JSONPipeline(entry, on: loaded, in: turns)]
                + companions.compactMap { try? JSONPipeline($0, on: loaded, in: turns) }
        }
    }
}

/// The steps from files to a model that is served.
struct ModelLoad {
    let name: String
    let files: CheckpointFiles
    /// What will be asked of it.
    let tasks: [any TaskSteps.Type]
    /// What may be asked of it, too, if the checkpoint can do it.
    var companions: [any TaskSteps.Type] = []
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
        let (turns, ledger) = (scheduler.loadingTurns, scheduler.ledger)
        try check()
        try files.require(tasks, in: turns)
        let plan = try LoadPlan(files, for: tasks, besides: companions, loading, in: turns)
        let weights = try ledger.reserve(plan.residentBytes, for: "the model \(name)")
        // Passes take turns in the arena, so that what it has already is there for this model, too.
        let passes = try WorkspacePlan(
            for: plan.model, serving, in: turns, memory: ledger.room?.releasing(scheduler.arenaBytes))
        // The warm-up does not: others may compute between its turns. It does with less, or is left out.
        let warmUp = serving.warmsUp ? WarmUp.plan(for: plan.model, passes, in: turns, memory: ledger.room) : nil
        let passing = max(plan.transientBytes, warmUp?.bytes ?? 0, passes.bytes - scheduler.arenaBytes)
        let memory = try ledger.reserve(passing, for: "loading the model \(name)")
        let loaded = try LoadedModel(
            files, reading: Set(tasks.map { $0.readout }), loading, in: turns, holding: weights)
        return try ServedModel(
            loaded, pipelines(loaded, turns), named: name, serving, passes, warmUp: warmUp, on: scheduler,
            metrics: metrics, from: memory)
    }

    /// Refuses what a program may have set that makes no sense.
    private func check() throws(PipelineError) {
        guard !tasks.isEmpty else { throw PipelineError(.unsupportedTask, "no task is named for the model \(name)") }
        guard loading.prompts.isEmpty || tasks.contains(where: { $0.takesPrompts }) else {
            throw PipelineError(
                .invalidParameter, "there are prompts for the model \(name), whose task has none; leave them out")
        }
        for (option, value) in [
            ("maxInputTokens", loading.maxInputTokens), ("maxBatchTokens", serving.maxBatchTokens),
            ("maxQueueTokens", serving.maxQueueTokens),
        ] {
            guard let value, !(1...1 << 40).contains(value) else { continue }
            throw PipelineError(.invalidParameter, "\(option) is \(value), but has to be at least 1 and at most 2^40")
        }
    }
}
