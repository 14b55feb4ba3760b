import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The routes of llama-server that others do not have: `POST /completion`, `/completions`, `/infill` and `/detokenize`,
/// and `GET /props` and `/slots`.
struct LlamaServerAPI: Sendable {
    let generation: GenerationRequests
    let tokens: TextTokensAPI

    private var store: ModelStore { generation.requests.store }

    var routes: [RouteTable.Route] {
        ["/completion", "/completions"].map { path in
            completion(path) { (fields) throws(ClientError) in try LlamaCompletionRequest(fields) }
        }
            + [
                completion("/infill") { (fields) throws(ClientError) in try LlamaCompletionRequest(infill: fields) },
                RouteTable.Route(method: .post, path: "/detokenize", errors: .openAI, handler: tokens.detokenize),
                RouteTable.Route(method: .get, path: "/props", errors: .openAI) { _, context in
                    Response(json: try properties(for: context.caller))
                },
                RouteTable.Route(method: .get, path: "/slots", errors: .openAI) { _, context in
                    Response(json: try slots(for: context.caller))
                },
            ]
    }

    private func completion(
        _ path: String, _ decode: @escaping @Sendable (RequestFields) throws(ClientError) -> LlamaCompletionRequest
    ) -> RouteTable.Route {
        RouteTable.Route(method: .post, path: path, errors: .openAI) { request, context in
            try await generation.answer(request, context, decode: decode)
        }
    }

    /// The first model that generates, the only one that a llama-server has.
    private func model(for caller: Caller) throws(ServingError) -> ServedModel {
        let status = store.all.first { status in
            caller.mayUse(status.name) && status.tasks.contains { $0 is TextGeneration.Type }
        }
        return try store.model(status?.name, for: caller)
    }

    private func properties(for caller: Caller) throws(ServingError) -> [UInt8] {
        let model = try model(for: caller)
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("default_generation_settings")
            writer.object { writer in
                writer.key("n_ctx")
                writer.value(model.loaded.maxInputTokens)
            }
            writer.key("total_slots")
            writer.value(1)
            for key in ["model_alias", "model_path"] {
                writer.key(key)
                writer.value(model.name)
            }
            writer.templates(of: model.task(TextGeneration.self))
            writer.key("modalities")
            writer.object { writer in
                for kind in ["vision", "audio"] {
                    writer.key(kind)
                    writer.value(false)
                }
            }
            writer.key("build_info")
            writer.value("penstock-" + PenstockVersion.current)
        }
        return writer.finish()
    }

    /// One slot, which is always free: requests share the model in batches.
    private func slots(for caller: Caller) throws(ServingError) -> [UInt8] {
        let model = try model(for: caller)
        var writer = JSONWriter()
        writer.array { writer in
            writer.object { writer in
                writer.key("id")
                writer.value(0)
                writer.key("n_ctx")
                writer.value(model.loaded.maxInputTokens)
                writer.key("is_processing")
                writer.value(false)
            }
        }
        return writer.finish()
    }
}

extension JSONWriter {
    /// Writes the sources of the chat templates, of which there may be one of its own for tools, and the tokens by
    /// which texts begin and end.
    fileprivate mutating func templates(of task: TextGeneration?) {
        let template = task?.chatTemplate()
        key("chat_template")
        value(template ?? "")
        if let other = task?.chatTemplate(hasTools: true), other != template {
            key("chat_template_tool_use")
            value(other)
        }
        for name in ["bos_token", "eos_token"] {
            key(name)
            value(task?.specialToken(name) ?? "")
        }
    }
}
