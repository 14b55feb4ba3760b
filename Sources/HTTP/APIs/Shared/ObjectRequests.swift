import Hummingbird
import PenstockPipelines
import PenstockServing

/// Answers requests whose body is a JSON object that may name its model, as those of most APIs are.
struct ObjectRequests: Sendable {
    let store: ModelStore
    let reader: RequestReader

    /// A request whose body was read.
    struct Asked<Fields: Sendable>: Sendable {
        let fields: Fields
        let client: Client
        let context: ServerContext

        /// The same request with other fields.
        func with<Other>(_ fields: Other) -> Asked<Other> {
            Asked<Other>(fields: fields, client: client, context: context)
        }
    }

    /// Reads the body, whatever its Content-Type claims, and answers it within its time.
    ///
    /// - Parameters:
    ///   - allowsNone: whether there may be no body, which is then an object without fields
    ///   - decode: reads the fields, on the `WorkThreads`
    ///   - answer: answers what was read, there, too
    func answer<Fields: Sendable>(
        _ request: Request, _ context: ServerContext, allowsNone: Bool = false,
        decode: @escaping @Sendable (RequestFields) throws(ClientError) -> Fields,
        answer: @escaping @Sendable (Asked<Fields>) async throws -> Response
    ) async throws -> Response {
        try await self.answer(
            try reader.fields(of: request, allowsNone: allowsNone, decode: decode), of: request, context,
            answer: answer)
    }

    /// Reads the body of a request and answers it within its time.
    func answer<Fields: Sendable>(
        _ body: BodyReader<Fields>, of request: Request, _ context: ServerContext,
        answer: @escaping @Sendable (Asked<Fields>) async throws -> Response
    ) async throws -> Response {
        let deadline = try deadline(of: request, context)
        let client = context.client(until: deadline, streamsUntil: try reader.streamDeadline(of: request, context))
        // Of a stream its first piece is there then.
        return try await withDeadline(deadline) {
            try await body.read(for: client) { fields in
                try await answer(Asked(fields: fields, client: client, context: context))
            }
        }
    }

    /// When the answer to a request has to be there whose model is not known yet.
    func deadline(of request: Request, _ context: ServerContext) throws(ClientError) -> ContinuousClock.Instant {
        try reader.deadline(of: request, context, timeout: longestTimeout)
    }

    /// The longest time that a request to any model may take.
    var longestTimeout: Duration {
        store.all.compactMap { $0.serving?.requestTimeout }.max() ?? ServingConfiguration().requestTimeout
    }

    /// The model that a request is for, and its task.
    ///
    /// A name that is not known is taken for the only model there is, since many programs have one that they cannot change.
    ///
    /// - Parameter name: as the request has it; nil or empty for the first model that can do the task
    /// - Throws: `ServingError` if there is no such model, or it is not there yet or no longer, and `PipelineError` if it
    ///   cannot do the task.
    func model<Fields, Task: AskedTask>(
        _ name: String?, for asked: Asked<Fields>, doing _: Task.Type
    ) async throws -> (model: ServedModel, task: Task) {
        let model = try await model(name, for: asked) { tasks in tasks.contains { $0 is Task.Type } }
        guard let task = model.task(Task.self) else {
            throw PipelineError(
                .unsupportedTask,
                "model is not \(Task.kindOfModel): \(model.name) is loaded for "
                    + model.pipelines.map(\.task).joined(separator: ", "))
        }
        return (model, task)
    }

    /// The model that a request is for, whatever it asks.
    ///
    /// - Parameter canAnswer: whether a model can answer it that does these tasks
    func model<Fields>(
        _ name: String?, for asked: Asked<Fields>, canAnswer: ([any TaskSteps.Type]) -> Bool
    ) async throws -> ServedModel {
        let caller = asked.context.caller
        let model = try await store.model(
            chosen(name, for: caller, canAnswer), for: caller, until: asked.client.deadline)
        asked.context.notes.note { $0.model = model.name }
        return model
    }

    private func chosen(
        _ name: String?, for caller: Caller, _ canAnswer: ([any TaskSteps.Type]) -> Bool
    ) -> String? {
        let all = store.all
        let models = all.filter { caller.mayUse($0.name) }
        if let name, !name.isEmpty {
            // One that the caller may not use is known, too: the answer is that, and not one of another model.
            let isKnown = all.contains { $0.name == name }
            return isKnown || models.count != 1 ? name : models[0].name
        }
        // Those that are not loaded count, too, so that the same request goes to the same model at any time.
        let able = models.first { model in
            if case .failed = model.state { false } else { canAnswer(model.tasks) }
        }
        return (able ?? models.first)?.name
    }
}

/// A task that APIs ask of models by its routes.
protocol AskedTask: TaskSteps {
    /// The name of the kind of model that can do it, with an article.
    static var kindOfModel: String { get }
}

extension SentenceSimilarity: AskedTask {
    static let kindOfModel = "an embedding model"
}

extension SparseEmbeddings: AskedTask {
    static let kindOfModel = "a sparse embedding model"
}

extension FeatureExtraction: AskedTask {
    static let kindOfModel = "an embedding model"
}

extension TextClassification: AskedTask {
    static let kindOfModel = "a classifier model"
}

extension TextRanking: AskedTask {
    static let kindOfModel = "a re-ranker model"
}
