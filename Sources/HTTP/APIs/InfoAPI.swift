import Hummingbird
import PenstockJSON
import PenstockServing

/// `GET /info`: which model is served, and what it takes.
struct InfoAPI: Sendable {
    let host: ModelHost
    let configuration: ServerConfiguration

    var routes: [RouteTable.Route] {
        [.init(method: .get, path: "/info") { _, _ in Response(json: try info(of: host.worker())) }]
    }

    private func info(of worker: ModelWorker) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("model")
            writer.value(worker.pipeline.name)
            writer.key("task")
            writer.value(worker.pipeline.task)
            writer.key("dtype")
            writer.value(worker.pipeline.dtype.rawValue)
            if let check = worker.pipeline.selfCheck {
                writer.key("self_check")
                writer.object { writer in
                    writer.key("smallest_cosine")
                    writer.value(check.smallestCosine)
                    writer.key("tokens")
                    writer.value(check.tokens)
                    writer.key("within_bounds")
                    writer.value(check.isWithinBounds)
                }
            }
            writer.key("version")
            writer.value(PenstockVersion.current)
            writer.key("threads")
            writer.value(worker.configuration.threads)
            writer.key("limits")
            writer.object { writer in
                writer.key("max_input_tokens")
                writer.value(worker.pipeline.maxInputTokens)
                writer.key("max_batch_tokens")
                writer.value(worker.batchBudget)
                writer.key("max_queue_tokens")
                writer.value(worker.configuration.maxQueueTokens)
                writer.key("max_body_bytes")
                writer.value(configuration.maxBodyBytes)
                writer.key("request_timeout_seconds")
                writer.value(worker.configuration.requestTimeout / .seconds(1))
            }
        }
        return writer.finish()
    }
}
