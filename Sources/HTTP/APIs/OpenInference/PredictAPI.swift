import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /v1/models/NAME:predict`, as the first protocol of KServe has it: `instances` or `inputs` in, and for each of them
/// one of the `predictions` out.
struct PredictAPI: Sendable {
    let store: ModelStore
    let reader: RequestReader

    var routes: [RouteTable.Route] {
        ModelPath.routes(.post, after: "/v1/models", errors: .plain, handler: answer)
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        guard ModelPath.verb(in: request.uri.path) == "predict" else {
            throw ClientError(.notFound, "there is nothing at this path; models answer to NAME:predict")
        }
        let (model, deadline) = try await store.model(of: request, context, reader)
        context.notes.note { $0.model = model.name }
        let body = try reader.call(of: request, as: .json)
        let client = context.client(until: deadline)
        return try await withDeadline(deadline) {
            try await body.read(for: client, to: model) { call in
                let pipeline = call.impliedTask.flatMap { model.pipeline(named: $0) } ?? model.pipelines.first
                guard let pipeline, let task = pipeline.steps as? any JSONForm else {
                    throw PipelineError(.unsupportedTask, "the model was loaded for no task in JSON")
                }
                context.notes.note { $0.task = pipeline.task }
                return Response(try await model.predictions(for: call, by: task, for: client, in: reader.memory))
            }
        }
    }
}

extension ServedModel {
    /// Answers each instance of a call with a prediction, whatever the task makes of lists.
    fileprivate func predictions<Task: JSONForm>(
        for call: Call, by task: Task, for client: Client, in memory: MemoryBudget
    ) async throws -> Answer<[UInt8]> {
        let options = try Task.options.parse(call.parameters)
        let isList = call.isOfInstances || Task.nesting(of: call.inputs, options).isList
        let items = (isList ? call.inputs.array : nil) ?? [call.inputs]
        guard !items.isEmpty else { throw ClientError(.emptyInputs, "instances is an empty list") }
        return try await answer(
            task, try Task.inputs(items, options), options, texts: Task.textSize(of: call.inputs), for: client,
            in: memory
        ) { (outputs, writer, scope) throws(PipelineError) in
            try writer.object { (writer) throws(PipelineError) in
                writer.key("predictions")
                try writer.array { (writer) throws(PipelineError) in
                    for index in outputs.indices {
                        try Task.write(outputs.output(at: index, in: scope), options, into: &writer, in: scope)
                    }
                }
            }
        }
    }
}
