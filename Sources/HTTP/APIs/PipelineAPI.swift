import Hummingbird
import PenstockServing

/// `POST /`: a text in, the pipeline's result out. `POST /models/NAME`: the same of any model, the first being that of `/`.
struct PipelineAPI: Sendable {
    let store: ModelStore
    let reader: RequestReader

    var routes: [RouteTable.Route] {
        [RouteTable.Route(method: .post, path: "/", handler: answer)] + ModelPath.routes(.post, handler: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let model = try store.model(request.modelName, for: context.caller)
        let (deadline, call) = try reader.call(of: request, context, timeout: model.configuration.requestTimeout)
        let client = context.client(until: deadline)
        let answer = try await withDeadline(deadline) {
            let call = try await call(client)
            defer { withExtendedLifetime(call) {} }
            return try await model.answer(call.inputs, parameters: call.parameters, for: client, in: reader.memory)
        }
        var response = Response(json: answer.result, holding: answer.reservation)
        response.headers.addServerTiming("queue", answer.timing.queue)
        response.headers.addServerTiming("inference", answer.timing.inference)
        response.headers.addServerTiming("batch;desc=\"\(answer.timing.batchItems)\"")
        return response
    }
}
