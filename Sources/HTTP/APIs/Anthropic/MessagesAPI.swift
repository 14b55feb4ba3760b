import Hummingbird
import PenstockJSON
import PenstockPipelines

/// `POST /v1/messages` and `/v1/messages/count_tokens`, as Anthropic has them.
struct MessagesAPI: Sendable {
    let generation: GenerationRequests

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .post, path: "/v1/messages", errors: .anthropic) { request, context in
                try await generation.answer(request, context) { (fields) throws(ClientError) in
                    try MessagesRequest(fields)
                }
            },
            RouteTable.Route(method: .post, path: "/v1/messages/count_tokens", errors: .anthropic) { request, context in
                try await generation.requests.answer(request, context) { (fields) throws(ClientError) in
                    try MessagesRequest(fields, isAnswered: false)
                } answer: { asked in
                    try await count(asked)
                }
            },
        ]
    }

    /// The tokens of the prompt that a chat becomes.
    private func count(_ asked: ObjectRequests.Asked<MessagesRequest>) async throws -> Response {
        var dialect = asked.fields
        let (_, task) = try await generation.requests.model(dialect.call.model, for: asked, doing: TextGeneration.self)
        try dialect.settle(on: task)
        let call = dialect.call
        let tokens = try await asked.client.work { scope in
            let plan = try await task.plan(call.options, in: scope)
            return try call.inputs.reduce(0) { try $0 + task.prepare($1, plan, in: scope).sequences[0].ids.count }
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("input_tokens")
            writer.value(tokens)
        }
        return Response(json: writer.finish())
    }
}
