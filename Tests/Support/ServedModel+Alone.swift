import Metrics
import PenstockPipelines
import PenstockServing

extension ServedModel {
    /// A pipeline on a scheduler of its own.
    package convenience init(
        _ pipeline: JSONPipeline, _ configuration: ServingConfiguration, threads: Int = 2,
        metrics: any MetricsFactory = MetricsSystem.factory, memory: MemoryLimit? = nil
    ) throws {
        try self.init(
            pipeline, configuration, on: Scheduler(threads: threads), metrics: metrics, memory: memory)
    }

    /// A pipeline on a scheduler that others may have, too.
    package convenience init(
        _ pipeline: JSONPipeline, named name: String? = nil, _ configuration: ServingConfiguration,
        on scheduler: Scheduler, metrics: any MetricsFactory = MetricsSystem.factory, memory: MemoryLimit? = nil
    ) throws {
        let plan = try WorkspacePlan(
            for: pipeline.loaded.model, configuration, in: scheduler.loadingTurns, memory: memory)
        try self.init(
            pipeline.loaded, [pipeline], named: name, configuration, plan, on: scheduler, metrics: metrics)
    }
}
