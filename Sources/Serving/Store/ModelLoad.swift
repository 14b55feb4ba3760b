import Metrics
import PenstockCompute
import PenstockModels
import PenstockPipelines

/// The steps from files to a model that is served.
struct ModelLoad {
    let name: String
    let files: CheckpointFiles
    /// The tasks that it is for.
    let tasks: [any TaskSteps.Type]
    /// Further tasks that it does if the checkpoint can.
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
        let needs = try LoadNeeds(plan, serving, on: scheduler) { ledger.room }
        let passing = max(plan.transientBytes, needs.warmUp?.bytes ?? 0, needs.passes.bytes - scheduler.arenaBytes)
        let memory = try ledger.reserve(passing, for: "loading the model \(name)")
        if let keyValues = needs.keyValues {
            let pages = try ledger.reserve(keyValues.bytes, for: "keys and values of the model \(name)")
            weights.take(keyValues.bytes, from: pages)
        }
        let loaded = try LoadedModel(
            files, reading: Set(tasks.map { $0.readout }), loading, in: turns, holding: weights)
        var generator: Generator?
        if let keyValues = needs.keyValues, let decoder = loaded.decoder {
            generator = try Generator(decoder, keyValues, kernels: scheduler.kernels)
        }
        return try ServedModel(
            loaded, pipelines(loaded, turns), named: name, serving, needs.passes, warmUp: needs.warmUp,
            generating: generator, on: scheduler, metrics: metrics, from: memory)
    }

    /// The bytes that the model holds as long as it is loaded, if it gets all that it wants; and those that it takes
    /// while it is loaded, then and at the very least.
    func bytes(_ plan: LoadPlan) throws -> (resident: Int, wanted: Int, least: Int) {
        let needs = try LoadNeeds(plan, serving, on: scheduler) { nil }
        var modest = serving
        modest.maxBatchTokens = 1
        let least = try LoadNeeds(plan, modest, on: scheduler) { nil }
        let passing = max(plan.transientBytes, needs.warmUp?.bytes ?? 0, needs.passes.bytes - scheduler.arenaBytes)
        let keyValues = serving.keyValueBytes ?? needs.keyValues?.leastBytes ?? 0
        let resident = plan.residentBytes + (needs.keyValues?.bytes ?? 0)
        return (
            resident, resident + passing,
            plan.residentBytes + keyValues + max(plan.transientBytes, least.passes.bytes)
        )
    }

    /// Refuses what a program may have set that makes no sense.
    private func check() throws(PipelineError) {
        guard !tasks.isEmpty else { throw PipelineError(.unsupportedTask, "no task is named for the model \(name)") }
        guard loading.prompts.isEmpty || tasks.contains(where: { $0.takesPrompts }) else {
            throw PipelineError(
                .invalidParameter, "there are prompts for the model \(name), whose task has none; leave them out")
        }
        guard tasks.count == 1 || !tasks.contains(where: { $0.readout == .nextTokenLogits }) else {
            throw PipelineError(
                .unsupportedTask, "text-generation cannot share the model \(name) with other tasks; load it twice")
        }
        guard ServingConfiguration.weights.contains(serving.weight) else {
            throw PipelineError(.invalidParameter, "weight has to be \(ServingConfiguration.weightRule)")
        }
        guard ServingConfiguration.lookups.contains(serving.lookup) else {
            throw PipelineError(
                .invalidParameter,
                "lookup is \(serving.lookup), but has to be 0 to \(ServingConfiguration.lookups.upperBound)")
        }
        for (option, value) in [
            ("maxInputTokens", loading.maxInputTokens), ("maxBatchTokens", serving.maxBatchTokens),
            ("maxQueueTokens", serving.maxQueueTokens), ("keyValueBytes", serving.keyValueBytes),
        ] {
            guard let value, !(1...1 << 40).contains(value) else { continue }
            throw PipelineError(.invalidParameter, "\(option) is \(value), but has to be at least 1 and at most 2^40")
        }
    }
}
