import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /api/chat` and `/api/generate`, as Ollama has them, and the routes by which it changes models, which there are not
/// here.
struct OllamaAPI: Sendable {
    let generation: GenerationRequests

    var routes: [RouteTable.Route] {
        [
            route("/api/chat") { (fields) throws(ClientError) in try OllamaRequest(chat: fields) },
            route("/api/generate") { (fields) throws(ClientError) in try OllamaRequest(prompt: fields) },
        ]
            + ["pull", "push", "create", "copy", "blobs/{digest}"].map { refusal(.post, "/api/\($0)") }
            + [refusal(.delete, "/api/delete")]
    }

    private func route(
        _ path: String, _ decode: @escaping @Sendable (RequestFields) throws(ClientError) -> OllamaRequest
    ) -> RouteTable.Route {
        RouteTable.Route(method: .post, path: path, errors: .plain) { request, context in
            try await generation.requests.answer(request, context, decode: decode) { asked in
                asked.fields.isEmpty ? try await load(asked) : try await generation.answer(asked)
            }
        }
    }

    /// Answers a request that asks nothing, by which clients have a model loaded.
    private func load(_ asked: ObjectRequests.Asked<OllamaRequest>) async throws -> Response {
        let request = asked.fields
        let (model, _) = try await generation.requests.model(
            request.model.name, for: asked, doing: TextGeneration.self)
        var writer = JSONWriter()
        OllamaLine(request.form, model: request.model.asked ?? model.name).writeLoaded(into: &writer)
        return Response(json: writer.finish())
    }

    private func refusal(_ method: HTTPRequest.Method, _ path: String) -> RouteTable.Route {
        RouteTable.Route(method: method, path: path, errors: .plain) { _, _ in
            throw ClientError(
                .notImplemented, "models are not changed here; administrators load them by PUT /models/NAME")
        }
    }
}
