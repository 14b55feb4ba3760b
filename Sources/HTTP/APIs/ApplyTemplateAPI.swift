import Hummingbird
import PenstockPipelines

/// `POST /apply-template`: the prompt that a chat template makes of the field `messages`, and the number of its tokens.
/// `POST /models/NAME/apply-template`: the same of any model, the first being that of `/apply-template`.
struct ApplyTemplateAPI: Sendable {
    let requests: TextRequests

    var routes: [RouteTable.Route] {
        [RouteTable.Route(method: .post, path: "/apply-template", handler: answer)]
            + ModelPath.routes(.post, ending: "/apply-template", handler: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context, alias: "messages") { (model) throws(ClientError) in
            guard let task = model.task(TextGeneration.self) else {
                throw ClientError(.invalidRequest, "the model generates no texts, so that there are no chats with it")
            }
            return task
        } bytes: {
            // Most templates add little to what the messages say.
            2 * $0.inputs.textSize.bytes + 1024
        } write: { (task, call, scope) async throws(PipelineError) in
            try task.preview(call.inputs, parameters: call.parameters, in: scope)
        }
    }
}
