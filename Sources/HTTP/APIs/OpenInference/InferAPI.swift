import HTTPTypes
import Hummingbird
import PenstockPipelines
import PenstockServing

/// `POST /v2/models/NAME/infer`: answers by a model in tensors, which may be sent as bytes behind the JSON.
struct InferAPI: Sendable {
    let store: ModelStore
    let reader: RequestReader

    var routes: [RouteTable.Route] { OpenInference.routes(.post, ending: "/infer", handler: answer) }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (model, deadline) = try await store.model(of: request, context, reader)
        context.notes.note { $0.model = model.name }
        let body = try reader.tensors(of: request)
        let client = context.client(until: deadline)
        return try await withDeadline(deadline) {
            try await body.read(for: client) { asked in
                guard let timeout = asked.timeout else {
                    return try await respond(to: asked, by: model, context, client)
                }
                let sooner = min(deadline, context.arrival + timeout)
                return try await withDeadline(sooner) {
                    try await respond(to: asked, by: model, context, context.client(until: sooner))
                }
            }
        }
    }

    private func respond(
        to asked: InferRequest, by model: ServedModel, _ context: ServerContext, _ client: Client
    ) async throws -> Response {
        let implied = asked.call.impliedTask.flatMap { model.pipeline(named: $0) }
        guard let pipeline = implied ?? model.pipelines.first, let task = pipeline.steps as? any TensorForm else {
            throw PipelineError(.unsupportedTask, "the model does nothing that can be told in tensors")
        }
        context.notes.note { $0.task = pipeline.task }
        return Response(try await model.answer(asked, by: task, for: client, in: reader.memory))
    }
}

extension RequestReader {
    /// Returns what reads the body as a request of the Open Inference Protocol, whatever its Content-Type claims.
    fileprivate func tensors(of request: Request) throws(ClientError) -> BodyReader<InferRequest> {
        let head = try request.headers[.inferenceHeader].map(Self.length)
        return try body(of: request, as: head.map { .tensors(head: $0) } ?? .json) { (_, bytes) throws(ClientError) in
            try InferRequest(bytes, head: head)
        }
    }

    private static func length(_ header: String) throws(ClientError) -> Int {
        let isNumber = header.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let length = Int(header) else {
            throw ClientError(.invalidHeader, "Inference-Header-Content-Length has to be a number of bytes")
        }
        return length
    }
}
