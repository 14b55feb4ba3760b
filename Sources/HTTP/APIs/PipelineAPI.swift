import Hummingbird
import PenstockPipelines
import PenstockServing

/// `POST /`: a text in, the pipeline's result out. `POST /models/NAME`: the same of any model, the first being that of
/// `/`.
///
/// With the name of a task, `POST /models/NAME/pipeline/TASK` and `POST /pipeline/TASK/NAME` answer as the models do
/// that Hugging Face hosts, and so do the others when a client of Hugging Face asks. Where the path names no task, it
/// is the first of the model, or another one that the fields of the body belong to. `POST /invocations` is `/` for
/// SageMaker.
struct PipelineAPI: Sendable {
    let store: ModelStore
    let reader: RequestReader

    var routes: [RouteTable.Route] {
        ["/", "/invocations"].map { RouteTable.Route(method: .post, path: $0, handler: answer) }
            + ModelPath.routes(.post, handler: answer)
            + ModelPath.routes(.post, ending: "/pipeline/{task}", errors: .hosted(.other), handler: answer)
            + ModelPath.routes(.post, after: "/pipeline/{task}", errors: .hosted(.other), handler: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (model, deadline) = try await store.model(of: request, context, reader)
        let task = try request.taskName
        let hosted = HostedClient(request.headers) ?? (task == nil ? nil : .other)
        let named = try task.map { try model.hostedPipeline(for: $0) }
        let body = try reader.call(of: request)
        let client = context.client(until: deadline, streamsUntil: try reader.streamDeadline(of: request, context))
        // Of a stream its first piece is there then.
        return try await withDeadline(deadline) {
            try await body.read(for: client, to: model) {
                try await respond(to: $0, by: model, named, hosted, for: client)
            }
        }
    }

    /// - Parameters:
    ///   - named: the task that the path names
    ///   - hosted: whose shapes the answer has; nil for those of the pipeline
    private func respond(
        to call: Call, by model: ServedModel, _ named: JSONPipeline?, _ hosted: HostedClient?, for client: Client
    ) async throws -> Response {
        let pipeline = named ?? call.impliedTask.flatMap { model.pipeline(named: $0) } ?? model.pipelines.first
        let shape = pipeline.flatMap { hosted?.shape(of: $0) } ?? .pipeline
        var parameters = call.parameters
        if let task = pipeline?.steps as? TextGeneration {
            if try call.isStreamed { return try await stream(call, task, of: model, as: shape, for: client) }
            parameters = call.parametersOfTask
        }
        let answer = try await model.answer(
            call.inputs, parameters: parameters, by: pipeline, as: shape, for: client, in: reader.memory)
        return Response(call.isOfInstances ? answer.asPredictions : answer)
    }
}

extension ServedModel {
    /// The task that a hosted model answers with when it is asked for this one.
    fileprivate func hostedPipeline(for task: String) throws(PipelineError) -> JSONPipeline {
        // Of a model of sentence-transformers, the features are its embeddings.
        let hasEmbeddings = self.task(SentenceSimilarity.self) != nil
        let name = task == "feature-extraction" && hasEmbeddings ? "sentence-similarity" : task
        guard let pipeline = pipeline(named: name) else {
            throw PipelineError(
                .unsupportedTask,
                "the model does not do \(task.cut(after: 40)); it does: \(pipelines.map(\.task).joined(separator: ", "))"
            )
        }
        return pipeline
    }
}

extension ServedModel.Answer<[UInt8]> {
    /// The answer to the instances of Vertex AI: `{"predictions": …}`.
    fileprivate var asPredictions: Self {
        with(result: Array(#"{"predictions":"#.utf8) + result + [UInt8(ascii: "}")])
    }
}
