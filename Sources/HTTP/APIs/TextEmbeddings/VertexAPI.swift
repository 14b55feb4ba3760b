import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /vertex`: `{"instances": …}`, each of which is a whole request to Text Embeddings Inference, as Google's Vertex AI
/// sends them. Those with `texts` are ranked, others answered with what the first model does.
struct VertexAPI: Sendable {
    let requests: ObjectRequests

    /// Instances that are answered at one time.
    private static let mostAtATime = 16

    private enum Instance: Sendable {
        case rank(RerankRequest)
        case embed(EmbedRequest)
        case embedSparse(EmbedRequest)
        case predict(PredictRequest)

        init(_ fields: RequestFields, to tasks: [any TaskSteps.Type]) throws(ClientError) {
            if RerankRequest.form(of: fields) == .textEmbeddings {
                self = .rank(try RerankRequest(fields))
            } else if tasks.contains(where: { $0 is SentenceSimilarity.Type }) {
                self = .embed(try EmbedRequest(fields))
            } else if tasks.contains(where: { $0 is SparseEmbeddings.Type }) {
                self = .embedSparse(try EmbedRequest(fields))
            } else {
                self = .predict(try PredictRequest(fields))
            }
        }
    }

    var routes: [RouteTable.Route] {
        [RouteTable.Route(method: .post, path: "/vertex", errors: .textEmbeddings, handler: answer)]
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        // It is not held while the instances wait, which may be for other models.
        let tasks = try await requests.store.model(
            nil, for: context.caller, until: try requests.deadline(of: request, context)
        ).tasks
        return try await requests.answer(request, context) { (fields) throws(ClientError) in
            try Self.instances(fields, to: tasks)
        } answer: { asked in
            let answers = try await answers(to: asked)
            let bytes = answers.reduce(32) { $0 + $1.result.count + 1 }
            let reservation = try requests.reader.memory.reserve(bytes)
            var json = Array(#"{"predictions":["#.utf8)
            json.reserveCapacity(bytes)
            for (index, answer) in answers.enumerated() {
                if index > 0 { json.append(UInt8(ascii: ",")) }
                json += answer.result
            }
            json += "]}".utf8
            return Response(json: json, holding: reservation)
        }
    }

    private static func instances(
        _ fields: RequestFields, to tasks: [any TaskSteps.Type]
    ) throws(ClientError) -> [Instance] {
        let elements = try fields.require(
            fields.value("instances", "a list of objects", \.array), "instances", "a list of objects")
        guard !elements.isEmpty else {
            throw ClientError(.emptyInputs, "instances is an empty list", parameter: "instances")
        }
        var instances: [Instance] = []
        for (index, element) in elements.enumerated() {
            guard let object = element.object else { throw fields.invalid("instances", "a list of objects") }
            instances.append(try Instance(RequestFields(object, path: "instances[\(index)]."), to: tasks))
        }
        return instances
    }

    /// The answers to all instances, in their order.
    private func answers(
        to asked: ObjectRequests.Asked<[Instance]>
    ) async throws -> [ServedModel.Answer<[UInt8]>] {
        let instances = asked.fields
        return try await withThrowingTaskGroup(of: (Int, ServedModel.Answer<[UInt8]>).self) { group in
            var answers: [Int: ServedModel.Answer<[UInt8]>] = [:]
            for (index, instance) in instances.enumerated() {
                if index >= Self.mostAtATime, let (done, answer) = try await group.next() { answers[done] = answer }
                group.addTask { (index, try await answer(to: instance, asked).answer) }
            }
            for try await (done, answer) in group { answers[done] = answer }
            return instances.indices.compactMap { answers[$0] }
        }
    }

    private func answer(
        to instance: Instance, _ asked: ObjectRequests.Asked<[Instance]>
    ) async throws -> TextEmbeddingsAnswer {
        let api = TextEmbeddingsAPI(requests: requests)
        return switch instance {
        case .rank(let fields): try await RerankAPI(requests: requests).rank(asked.with(fields))
        case .embed(let fields): try await api.embed(asked.with(fields))
        case .embedSparse(let fields): try await api.embedSparse(asked.with(fields))
        case .predict(let fields): try await api.predict(asked.with(fields))
        }
    }
}
