import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `GET /info`: what the first model takes, with the fields of Text Embeddings Inference. `GET /models`: which models there
/// are. `GET /models/NAME`: what one takes. Clients of Hugging Face put `/info` and `/health` behind whatever URL they have.
struct InfoAPI: Sendable {
    let store: ModelStore
    let configuration: ServerConfiguration

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .get, path: "/info", handler: info),
            RouteTable.Route(method: .get, path: "/models") { _, context in Response(json: list(for: context.caller)) },
        ]
            + ["", "/info"].flatMap { ModelPath.routes(.get, ending: $0, handler: info) }
            + ModelPath.routes(.get, ending: "/health") { request, context in
                Response(status: try store.presence(of: request.modelName, for: context.caller).state.name)
            }
    }

    @Sendable private func info(_ request: Request, _ context: ServerContext) throws -> Response {
        let status = try store.presence(of: request.modelName, for: context.caller)
        guard case .ready(let model) = status.state else {
            var writer = JSONWriter()
            writer.object { $0.fields(of: status) }
            return Response(json: writer.finish())
        }
        return Response(json: info(of: model))
    }

    private func list(for caller: Caller) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("models")
            writer.array { writer in
                for status in store.all where caller.mayUse(status.name) {
                    writer.object { $0.fields(of: status) }
                }
            }
        }
        return writer.finish()
    }

    private func info(of model: ServedModel) -> [UInt8] {
        let (pipeline, loaded) = (model.pipelines.first, model.loaded)
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("model")
            writer.value(model.name)
            writer.key("task")
            writer.value(pipeline?.task ?? "")
            writer.key("supported_tasks")
            writer.array { for task in loaded.supportedTasks { $0.value(task) } }
            writer.key("dtype")
            writer.value(loaded.dtype.rawValue)
            if let check = loaded.selfCheck {
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
            writer.key("options")
            write(pipeline?.options ?? [], into: &writer)
            writer.key("tasks")
            writer.array { writer in
                for pipeline in model.pipelines {
                    writer.object { writer in
                        writer.key("task")
                        writer.value(pipeline.task)
                        writer.key("options")
                        write(pipeline.options, into: &writer)
                    }
                }
            }
            if let task = model.task(TextGeneration.self) {
                writer.key("chats")
                writer.value(task.takesChats)
            }
            if let task = model.task(FillMask.self) {
                writer.key("mask_token")
                writer.value(task.maskToken)
            }
            writer.key("version")
            writer.value(PenstockVersion.current)
            writer.key("threads")
            writer.value(store.scheduler.threads)
            writer.key("limits")
            writer.object { writer in
                writer.key("max_input_tokens")
                writer.value(loaded.maxInputTokens)
                writer.key("max_batch_tokens")
                writer.value(model.batchBudget)
                writer.key("max_queue_tokens")
                writer.value(model.configuration.maxQueueTokens)
                writer.key("max_body_bytes")
                writer.value(configuration.maxBodyBytes)
                writer.key("request_timeout_seconds")
                writer.value(model.configuration.requestTimeout / .seconds(1))
            }
            writer.textEmbeddingsInfo(of: model)
        }
        return writer.finish()
    }

    private func write(minimum: JSONValue?, maximum: JSONValue?, _ writer: inout JSONWriter) {
        for case (let key, let bound?) in [("minimum", minimum), ("maximum", maximum)] {
            writer.key(key)
            writer.value(bound)
        }
    }

    /// Writes each option with its kind, what it may be, its default and what it does.
    private func write(_ options: [OptionDescription], into writer: inout JSONWriter) {
        writer.array { writer in
            for option in options {
                writer.object { writer in
                    writer.key("name")
                    writer.value(option.name)
                    writer.key("type")
                    writer.value(option.kind.name)
                    switch option.kind {
                    case .flag, .text, .texts, .textList, .form: break
                    case .integer(let least, let most):
                        write(minimum: least.map(JSONValue.integer), maximum: most.map(JSONValue.integer), &writer)
                    case .number(let range):
                        write(
                            minimum: range.least.map(JSONValue.double), maximum: range.most.map(JSONValue.double),
                            &writer)
                    case .choice(let values):
                        writer.key("values")
                        writer.value(.array(values))
                    case .object(let nested):
                        writer.key("options")
                        write(nested, into: &writer)
                    }
                    writer.key("default")
                    writer.value(option.fallback ?? .null)
                    writer.key("description")
                    writer.value(option.summary)
                }
            }
        }
    }
}
