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
                await answer(store.all.map(\.name).filter(context.caller.mayUse))
            }
        ]
            + OpenInference.routes(.get, ending: "/stats") { request, context in
                await answer([try store.presence(of: request.modelName, for: context.caller).name])
            }
    }

    private func answer(_ models: [String]) async -> Response {
        // Of many models it takes milliseconds, in which the event loop has others to see to.
        await withTaskExecutorPreference(globalConcurrentExecutor) { Response(json: await statistics(of: models)) }
    }

    @concurrent private func statistics(of models: [String]) async -> [UInt8] {
        let families = registry.values()
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("model_stats")
            writer.array { writer in
                for model in models { writer.object { write(Statistics(of: model, in: families), into: &$0) } }
            }
        }
        return writer.finish()
    }

    private func write(_ statistics: Statistics, into writer: inout JSONWriter) {
        let successes = statistics.total("penstock_requests_total") { $0 == "ok" }.count
        let passes = statistics.total("penstock_forward_seconds")
        writer.key("name")
        writer.value(statistics.model)
        writer.key("version")
        writer.value(OpenInference.version)
        writer.key("inference_count")
        writer.value(successes)
        writer.key("execution_count")
        writer.value(passes.count)
        writer.key("inference_stats")
        writer.object { writer in
            writer.duration(
                "success", Total(count: successes, seconds: statistics.total("penstock_request_seconds").seconds))
            writer.duration("fail", statistics.total("penstock_requests_total") { $0 != "ok" })
            writer.duration("queue", statistics.total("penstock_queue_seconds"))
            writer.duration("compute_input", statistics.total("penstock_tokenization_seconds"))
            writer.duration("compute_infer", passes)
            writer.duration("compute_output", statistics.total("penstock_encoding_seconds"))
        }
        writer.key("batch_stats")
        writer.array { _ in }
    }
}

/// The number of times that something happened, and the time that it took together.
private struct Total {
    var count = 0
    var seconds = 0.0
}

/// The series of one model.
private struct Statistics {
    let model: String
    private let families: [PrometheusRegistry.FamilyValues]

    init(of model: String, in families: [PrometheusRegistry.FamilyValues]) {
        (self.model, self.families) = (model, families)
    }

    /// The total of the series of a name.
    ///
    /// - Parameter isCounted: whether those with an outcome count
    func total(_ name: String, _ isCounted: (_ outcome: String) -> Bool = { _ in true }) -> Total {
        var total = Total()
        for series in families.first(where: { $0.name == name })?.series ?? [] {
            let labels = series.labels
            guard labels.contains(where: { $0.name == "model" && $0.value == model }),
                labels.first(where: { $0.name == "outcome" }).map({ isCounted($0.value) }) ?? true
            else { continue }
            switch series.value {
            case .number(let number): total.count += Int(exactly: number) ?? 0
            case .histogram(let counts, _, let sum):
                total.count += counts.reduce(0) { $0 + (Int(exactly: $1) ?? 0) }
                total.seconds += sum
            }
        }
        return total
    }
}

extension JSONWriter {
    /// Writes `{"count", "ns"}`.
    fileprivate mutating func duration(_ name: String, _ total: Total) {
        key(name)
        object { writer in
            writer.key("count")
            writer.value(total.count)
            writer.key("ns")
            writer.value(Int(exactly: (total.seconds * 1e9).rounded()) ?? .max)
        }
    }
}
