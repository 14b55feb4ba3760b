import Hummingbird
import PenstockPipelines

/// `POST /models/NAME/tokenize`: the ids, tokens and offsets of texts, which the model does not get to see.
struct TokenizeAPI: Sendable {
    let requests: TextRequests

    var routes: [RouteTable.Route] {
        ModelPath.routes(.post, ending: "/tokenize", handler: answer)
    }

    /// Answers for the model that the path names, the first if it names none.
    @Sendable func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (model) throws(ClientError) in
            guard let tokenization = model.pipelines.first?.tokenization else {
                throw ClientError(.invalidRequest, "the model has no tokenizer")
            }
            return tokenization
        } bytes: {
            Tokenization.answerBytes($0.inputs.textSize)
        } write: { (tokenization, call, scope) async throws(PipelineError) in
            try await tokenization.answer(call.inputs, parameters: call.parameters, in: scope)
        }
    }
}
