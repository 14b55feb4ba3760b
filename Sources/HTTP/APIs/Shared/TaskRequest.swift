import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// A body that asks a task of a model.
protocol TaskRequest: Sendable {
    /// The task that is asked for.
    associatedtype Task: AskedTask

    /// The name of the model; nil for the first that can do the task.
    var model: String? { get }
    /// The inputs, at least one.
    var inputs: [Task.Input] { get }
    /// The options of the task.
    var options: Task.Options { get }
    /// The number of the texts in the inputs, and their bytes.
    var texts: TextSize { get }

    /// Reads the fields.
    init(_ fields: RequestFields) throws(ClientError)
}

extension ObjectRequests {
    /// Reads a body that asks a task of a model, and answers it within its time.
    ///
    /// - Parameter write: writes one JSON value; it is lent the body, what makes the output of each input, and the name of
    ///   the model
    func answer<Asking: TaskRequest>(
        _ request: Request, _ context: ServerContext,
        write:
            @escaping @Sendable (
                Asking, Outputs<Asking.Task>, _ model: String, inout JSONWriter, RequestScope
            ) throws(PipelineError) -> Void
    ) async throws -> Response {
        try await answer(request, context) { (fields) throws(ClientError) in
            try Asking(fields)
        } answer: { asked in
            let asking = asked.fields
            let (model, task) = try await model(asking.model, for: asked, doing: Asking.Task.self)
            return Response(
                try await model.answer(
                    task, asking.inputs, asking.options, texts: asking.texts, for: asked.client, in: reader.memory
                ) { (outputs, writer, scope) throws(PipelineError) in
                    try write(asking, outputs, model.name, &writer, scope)
                })
        }
    }
}
