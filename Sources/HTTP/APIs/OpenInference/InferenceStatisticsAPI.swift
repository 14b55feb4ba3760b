import Hummingbird
import PenstockJSON
import PenstockServing

/// `GET /v2/models/stats` and `/v2/models/NAME/stats`: what was counted and timed of models, as Triton tells it.
struct InferenceStatisticsAPI: Sendable {
    let store: ModelStore
    let registry: PrometheusRegistry

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .get, path: "/v2/models/stats", errors: .plain) { _, context in
                await answer(models(for: context.caller))
            }
        ]
            + OpenInference.routes(.get, ending: "/stats") { request, context in
                await answer([try store.presence(of: request.modelName, for: context.caller).name])
            }
    }

    /// The models that a caller may use.
    func models(for caller: Caller) -> [String] { store.all.map(\.name).filter(caller.mayUse) }

    private func answer(_ models: [String]) async -> Response {
        Response(
            json: await statistics(of: models) { statistics in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.key("model_stats")
                    writer.array { writer in for model in statistics { writer.object { $0.fields(of: model) } } }
                }
                return writer.finish()
            })
    }

    /// Writes what was counted and timed of models.
    ///
    /// Of many models it takes milliseconds, in which the event loop has others to see to.
    func statistics(
        of models: [String], write: @escaping @Sendable ([InferenceStatistics]) -> [UInt8]
    ) async -> [UInt8] {
        await withTaskExecutorPreference(globalConcurrentExecutor) { await written(of: models, write) }
    }

    @concurrent private func written(
        of models: [String], _ write: @Sendable ([InferenceStatistics]) -> [UInt8]
    ) async -> [UInt8] {
        let families = registry.values()
        return write(models.map { InferenceStatistics(of: $0, in: families) })
    }
}

extension JSONWriter {
    fileprivate mutating func fields(of statistics: InferenceStatistics) {
        key("name")
        value(statistics.model)
        key("version")
        value(OpenInference.version)
        key("inference_count")
        value(statistics.inferences)
        key("execution_count")
        value(statistics.executions)
        key("inference_stats")
        object { writer in
            for (kind, total) in statistics.totals {
                writer.key(kind.rawValue)
                writer.object { writer in
                    writer.key("count")
                    writer.value(total.count)
                    writer.key("ns")
                    writer.value(total.nanoseconds)
                }
            }
        }
        key("batch_stats")
        array { _ in }
    }
}
