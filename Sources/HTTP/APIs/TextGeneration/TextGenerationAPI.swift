import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /generate` and `/generate_stream`, as Text Generation Inference has them: one prompt, with the parameters and events
/// of the pipeline, but without the prompt in the text.
struct TextGenerationAPI: Sendable {
    let requests: ObjectRequests

    private struct Asking: Sendable {
        let model: String?
        let call: Call

        init(_ fields: RequestFields) throws(ClientError) {
            model = try fields.string("model")
            let prompt = try fields.require(fields.string("inputs"), "inputs", "a string")
            let parameters = try fields.section("parameters").object
            // A null counts as absent.
            let given = parameters.entries.filter { !$0.value.isNull }.map { ($0.key, $0.value) }
            call = Call(inputs: .string(prompt), parameters: JSONObject(given), isOfInstances: false)
        }
    }

    var routes: [RouteTable.Route] {
        [("/generate", whole), ("/generate_stream", stream)].map { path, answer in
            RouteTable.Route(method: .post, path: path, errors: .hosted(.other)) { request, context in
                try await requests.answer(request, context) { (fields) throws(ClientError) in
                    try Asking(fields)
                } answer: { asked in
                    let (model, task) = try await requests.model(
                        asked.fields.model, for: asked, doing: TextGeneration.self)
                    return try await answer(asked, model, task)
                }
            }
        }
    }

    /// Answers with `{"generated_text", "details"}`.
    @Sendable private func whole(
        _ asked: ObjectRequests.Asked<Asking>, _ model: ServedModel, _: TextGeneration
    ) async throws -> Response {
        let call = asked.fields.call
        let pipeline = model.pipelines.first { $0.steps is TextGeneration }
        let answer = try await model.answer(
            call.inputs, parameters: call.parametersOfTask, by: pipeline, as: .hosted, for: asked.client,
            in: requests.reader.memory)
        // The pipeline gives a list, of which this is the only element.
        return Response(answer.with(result: Array(answer.result.dropFirst().dropLast())))
    }

    @Sendable private func stream(
        _ asked: ObjectRequests.Asked<Asking>, _ model: ServedModel, _ task: TextGeneration
    ) async throws -> Response {
        try await PipelineAPI(store: requests.store, reader: requests.reader).stream(
            asked.fields.call, task, of: model, as: .hosted, for: asked.client)
    }
}
