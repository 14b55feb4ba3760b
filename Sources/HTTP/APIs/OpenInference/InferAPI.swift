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
            try await body.read(for: client, to: model) { asked in
                Response(
                    try await model.answer(asked, context, until: deadline, in: reader.memory) {
                        InferAnswer($0, to: asked, model: $1)
                    })
            }
        }
    }
}

extension ServedModel {
    /// Answers a request of the Open Inference Protocol by the task that it is for, and no later than it says itself.
    ///
    /// - Parameter write: writes the tensors of an answer by a model
    func answer(
        _ asked: InferRequest, _ context: ServerContext, until deadline: ContinuousClock.Instant,
        since start: ContinuousClock.Instant? = nil, in memory: MemoryBudget,
        write: @escaping @Sendable (_ tensors: [OutputTensor], _ model: String) -> InferAnswer
    ) async throws -> Answer<InferAnswer> {
        let task = try tensorTask(for: asked, context)
        guard let timeout = asked.timeout else {
            return try await answer(asked, by: task, for: context.client(until: deadline), in: memory, write: write)
        }
        let sooner = min(deadline, (start ?? context.arrival) + timeout)
        return try await withDeadline(sooner) {
            try await self.answer(asked, by: task, for: context.client(until: sooner), in: memory, write: write)
        }
    }

    /// The task that a request is for, which is noted.
    ///
    /// - Throws: `PipelineError` if it does not speak in tensors.
    func tensorTask(for asked: InferRequest, _ context: ServerContext) throws(PipelineError) -> any TensorForm {
        let implied = asked.call.impliedTask.flatMap { pipeline(named: $0) }
        guard let pipeline = implied ?? pipelines.first, let task = pipeline.steps as? any TensorForm else {
            throw PipelineError(.unsupportedTask, "the model does nothing that can be told in tensors")
        }
        context.notes.note { $0.task = pipeline.task }
        return task
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
