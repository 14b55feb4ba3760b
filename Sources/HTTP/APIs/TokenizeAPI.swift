import Hummingbird
import PenstockPipelines
import PenstockServing

/// `POST /models/NAME/tokenize`: the ids, tokens and offsets of texts, which the model does not get to see.
struct TokenizeAPI: Sendable {
    let store: ModelStore
    let reader: RequestReader

    var routes: [RouteTable.Route] {
        ModelPath.routes(.post, ending: "/tokenize", handler: answer)
    }

    /// Answers for the model that the path names, the first if it names none.
    @Sendable func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (model, deadline) = try await store.model(of: request, context, reader)
        guard let tokenization = model.pipelines.first?.tokenization else {
            throw ClientError(.invalidRequest, "the model has no tokenizer")
        }
        let body = try reader.call(of: request)
        context.notes.note { $0.model = model.name }
        let client = context.client(until: deadline)
        return try await withDeadline(deadline) {
            try await body.read(for: client) { call in
                let answerBytes = Tokenization.answerBytes(call.inputs.textSize)
                let reservation = try reader.memory.reserve(answerBytes)
                let json = try await client.work { scope in
                    try await tokenization.answer(call.inputs, parameters: call.parameters, in: scope)
                }
                reservation.shrink(to: json.count)
                return Response(json: json, holding: reservation)
            }
        }
    }
}
