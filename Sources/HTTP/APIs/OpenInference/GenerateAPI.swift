import Hummingbird

/// `POST /v2/models/NAME/generate` and `/generate_stream`, as Triton has them.
struct GenerateAPI: Sendable {
    let generation: GenerationRequests

    var routes: [RouteTable.Route] {
        [false, true].flatMap { isStreamed in
            OpenInference.routes(.post, ending: isStreamed ? "/generate_stream" : "/generate") { request, context in
                let name = try request.modelName
                return try await generation.requests.answer(request, context) { (fields) throws(ClientError) in
                    try GenerateRequest(fields, isStreamed: isStreamed)
                } answer: { asked in
                    try await generation.answer(asked, named: name)
                }
            }
        }
    }
}
