import Metrics
import PenstockCompute
import PenstockPipelines

/// A model whose files are known and of which nothing is loaded yet.
package struct PlannedLoad: Sendable {
    /// The tasks that it can do.
    package let tasks: [any TaskSteps.Type]
    /// Bytes that it holds as long as it is loaded.
    package let residentBytes: Int
    /// Bytes that it takes while it is loaded, if it gets all that it wants.
    package let wantedBytes: Int
    /// The same at the very least.
    package let leastBytes: Int
    /// Loads it. `whenGone` is called when its memory is free again, be it that this fails.
    package let finish: @Sendable (_ whenGone: @escaping @Sendable () -> Void) throws -> ServedModel

    package init(
        tasks: [any TaskSteps.Type], residentBytes: Int, wantedBytes: Int, leastBytes: Int,
        finish: @escaping @Sendable (_ whenGone: @escaping @Sendable () -> Void) throws -> ServedModel
    ) {
        (self.tasks, self.residentBytes) = (tasks, residentBytes)
        (self.wantedBytes, self.leastBytes, self.finish) = (wantedBytes, leastBytes, finish)
    }

    /// The same, loaded by other means.
    func loading(
        _ finish: @escaping @Sendable (_ whenGone: @escaping @Sendable () -> Void) throws -> ServedModel
    ) -> PlannedLoad {
        PlannedLoad(
            tasks: tasks, residentBytes: residentBytes, wantedBytes: wantedBytes, leastBytes: leastBytes, finish: finish
        )
    }

    /// Reads the headers of a checkpoint.
    ///
    /// Waits for turns of the scheduler and for files, so it must not be called on threads that receive and send.
    ///
    /// - Throws: what ``ModelLoad/plan()`` throws, and `PipelineError` if the checkpoint tells no task.
    init(of source: ModelSource, on scheduler: Scheduler, metrics: any MetricsFactory) throws {
        let found = try CheckpointFiles(
            directory: source.directory, base: source.adapterBase ?? source.loading.adapterBase)
        let entry = try found.entry(forTask: source.task)
        let files = try found.asked(for: [entry.type])
        let companions = try files.companions(of: entry, in: scheduler.loadingTurns)
        let load = ModelLoad(
            name: source.name, files: files, tasks: [entry.type], companions: companions.map(\.type),
            loading: source.loading, serving: source.serving, scheduler: scheduler, metrics: metrics)
        let plan = try load.plan()
        let bytes = try load.bytes(plan)
        self.init(
            tasks: load.tasks + load.companions, residentBytes: bytes.resident, wantedBytes: bytes.wanted,
            leastBytes: bytes.least
        ) { whenGone in
            try load.run(plan, whenGone: whenGone) { loaded, turns in
                [try JSONPipeline(entry, on: loaded, in: turns)]
                    + companions.compactMap { try? JSONPipeline($0, on: loaded, in: turns) }
            }
        }
    }
}
