import Hummingbird
import PenstockPipelines
import PenstockServing

/// `POST /tokenize`: the ids, tokens and offsets of texts, which the model does not get to see.
struct TokenizeAPI: Sendable {
    let host: ModelHost
    let reader: RequestReader

    var routes: [RouteTable.Route] { [.init(method: .post, path: "/tokenize", handler: answer)] }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let worker = try host.worker()
        guard let tokenization = worker.pipeline.tokenization else {
            throw ClientError(.invalidRequest, "the model has no tokenizer")
        }
        let (deadline, call) = try reader.call(of: request, context, timeout: worker.configuration.requestTimeout)
        return try await withDeadline(deadline) {
            let (inputs, parameters) = try await call()
            return Response(json: try tokenization.answer(inputs, parameters: parameters))
        }
    }
}
