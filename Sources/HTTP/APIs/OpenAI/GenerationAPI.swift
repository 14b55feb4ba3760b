import Hummingbird

/// `POST /v1/completions`, `/v1/chat/completions` and `/v1/responses`, as OpenAI has them, and the first two behind
/// `/models/NAME` for a model that the path names.
struct GenerationAPI: Sendable {
    let generation: GenerationRequests

    var routes: [RouteTable.Route] {
        routes("/v1/completions") { (fields) throws(ClientError) in try CompletionsRequest(fields) }
            + routes("/v1/chat/completions") { (fields) throws(ClientError) in try ChatRequest(fields) }
            + [
                RouteTable.Route(method: .post, path: "/v1/responses", errors: .openAI) { request, context in
                    try await generation.answer(request, context) { (fields) throws(ClientError) in
                        try ResponsesRequest(fields)
                    }
                }
            ]
    }

    private func routes<Dialect: GenerationDialect>(
        _ path: String, _ decode: @escaping @Sendable (RequestFields) throws(ClientError) -> Dialect
    ) -> [RouteTable.Route] {
        let handler = { @Sendable (request: Request, context: ServerContext) in
            try await generation.answer(request, context, decode: decode)
        }
        return [RouteTable.Route(method: .post, path: path, errors: .openAI, handler: handler)]
            + ModelPath.routes(.post, ending: path, errors: .openAI, handler: handler)
    }
}
