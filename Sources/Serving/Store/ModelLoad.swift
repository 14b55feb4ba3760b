import Metrics
import PenstockCompute
import PenstockModels
import PenstockPipelines

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

    /// Finds out by the headers of the files what the model takes of the memory.
    ///
    /// - Throws: `CheckpointError` or `PipelineError`, which say what is wrong with which file, and `TurnsEnded` if the
    ///   scheduler stops.
    func plan() throws -> LoadPlan {
        let turns = scheduler.loadingTurns
        try check()
        try files.require(tasks, in: turns)
        return try LoadPlan(files, for: tasks, besides: companions, loading, in: turns)
    }

    /// Reserves the memory, loads, warms up, and gives the model to the scheduler.
    ///
    /// - Parameters:
    ///   - whenGone: called when the memory of the model is free again
    ///   - pipelines: makes the tasks on the loaded model
    /// - Throws: `CheckpointError`, `TokenizerError` or `PipelineError`, which say what is wrong with which file,
    ///   ``WorkspaceError`` if the memory does not suffice, and `TurnsEnded` if the scheduler stops.
    func run(
        _ plan: LoadPlan, whenGone: @escaping @Sendable () -> Void = {},
        _ pipelines: (LoadedModel, ComputeTurns) throws -> [JSONPipeline]
    ) throws -> ServedModel {
        let (turns, ledger) = (scheduler.loadingTurns, scheduler.ledger)
        let weights = try ledger.reserve(plan.residentBytes, for: "the model \(name)")
        weights.whenGone(whenGone)
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

    /// The bytes that the model takes while it is loaded: if it gets all that it wants, and at the very least.
    func bytes(_ plan: LoadPlan) throws -> (wanted: Int, least: Int) {
        let turns = scheduler.loadingTurns
        let passes = try WorkspacePlan(for: plan.model, serving, in: turns, memory: nil)
        let warmUp = serving.warmsUp ? WarmUp.plan(for: plan.model, passes, in: turns, memory: nil) : nil
        var shortest = serving
        shortest.maxBatchTokens = 1
        let leastPasses = try WorkspacePlan(for: plan.model, shortest, in: turns, memory: nil)
        let passing = max(plan.transientBytes, warmUp?.bytes ?? 0, passes.bytes - scheduler.arenaBytes)
        return (
            plan.residentBytes + passing, plan.residentBytes + max(plan.transientBytes, leastPasses.bytes)
        )
    }

    /// Refuses what a program may have set that makes no sense.
    private func check() throws(PipelineError) {
        guard !tasks.isEmpty else { throw PipelineError(.unsupportedTask, "no task is named for the model \(name)") }
        guard loading.prompts.isEmpty || tasks.contains(where: { $0.takesPrompts }) else {
            throw PipelineError(
                .invalidParameter, "there are prompts for the model \(name), whose task has none; leave them out")
        }
        guard ServingConfiguration.weights.contains(serving.weight) else {
            throw PipelineError(.invalidParameter, "weight has to be \(ServingConfiguration.weightRule)")
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
