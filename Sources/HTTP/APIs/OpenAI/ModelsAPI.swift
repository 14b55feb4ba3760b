import Hummingbird
import PenstockJSON
import PenstockServing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `GET /v1/models` and `GET /v1/models/NAME`: an answer in which the clients of OpenAI, Anthropic and KServe find what they
/// look for.
struct ModelsAPI: Sendable {
    let store: ModelStore
    /// Seconds since 1970, for what they call a model's creation.
    private let started = time(nil)

    init(store: ModelStore) { self.store = store }

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .get, path: "/v1/models", errors: .openAI) { _, context in
                Response(json: list(for: context.caller))
            }
        ]
            + ModelPath.routes(.get, after: "/v1/models", errors: .openAI) { request, context in
                let status = try store.presence(of: request.modelName, for: context.caller)
                var writer = JSONWriter()
                writer.object { writer in
                    write(status, into: &writer)
                    writer.key("name")
                    writer.value(status.name)
                    writer.key("ready")
                    writer.value(true)
                }
                return Response(json: writer.finish())
            }
    }

    /// All models that a caller may use but those that could not be loaded.
    private func list(for caller: Caller) -> [UInt8] {
        let models = store.all.filter { status in
            if case .failed = status.state { false } else { caller.mayUse(status.name) }
        }
        func optional(_ name: String?) -> JSONValue { name.map(JSONValue.string) ?? .null }
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("object")
            writer.value("list")
            writer.key("data")
            writer.array { writer in
                for status in models { writer.object { write(status, into: &$0) } }
            }
            writer.key("models")
            writer.array { writer in for status in models { writer.value(status.name) } }
            writer.key("has_more")
            writer.value(false)
            writer.key("first_id")
            writer.value(optional(models.first?.name))
            writer.key("last_id")
            writer.value(optional(models.last?.name))
        }
        return writer.finish()
    }

    private func write(_ status: ModelStatus, into writer: inout JSONWriter) {
        writer.key("id")
        writer.value(status.name)
        writer.key("object")
        writer.value("model")
        writer.key("created")
        writer.value(started)
        writer.key("owned_by")
        writer.value("penstock")
        writer.key("type")
        writer.value("model")
        guard case .ready(let model) = status.state else { return }
        writer.key("max_model_len")
        writer.value(model.loaded.maxInputTokens)
    }
}
