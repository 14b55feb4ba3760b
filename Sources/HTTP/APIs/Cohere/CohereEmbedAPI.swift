import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /v1/embed` and `/v2/embed`, as Cohere has them: embeddings of texts, with a prompt for what they are.
struct CohereEmbedAPI: Sendable {
    let requests: ObjectRequests

    var routes: [RouteTable.Route] {
        // Cohere's first version has a list of vectors where nobody asks for a type.
        [("/v1/embed", true), ("/v2/embed", false)].map { path, hasPlainForm in
            RouteTable.Route(method: .post, path: path, errors: .rerank) { request, context in
                try await answer(request, context, hasPlainForm: hasPlainForm)
            }
        }
    }

    private func answer(
        _ request: Request, _ context: ServerContext, hasPlainForm: Bool
    ) async throws -> Response {
        try await requests.answer(request, context) {
            (asking: CohereEmbedRequest, outputs, _, writer, scope) throws(PipelineError) in
            let type = hasPlainForm ? asking.type : asking.type ?? .float
            try writer.embeddings(outputs, type, id: context.requestID, in: scope)
        }
    }
}

extension JSONWriter {
    /// - Parameter type: nil for a list of vectors that is not by type
    fileprivate mutating func embeddings(
        _ outputs: Outputs<SentenceSimilarity>, _ type: CohereEmbeddingType?, id: String, in scope: RequestScope
    ) throws(PipelineError) {
        func vectors(_ writer: inout JSONWriter) throws(PipelineError) {
            for index in outputs.indices {
                writer.value(try outputs.output(at: index, in: scope).vector, as: type?.format ?? .float)
            }
        }
        try object { (writer) throws(PipelineError) in
            writer.key("id")
            writer.value(id)
            writer.key("response_type")
            writer.value(type == nil ? "embeddings_floats" : "embeddings_by_type")
            writer.key("embeddings")
            if let type {
                try writer.object { (writer) throws(PipelineError) in
                    writer.key(type.rawValue)
                    try writer.array(vectors)
                }
            } else {
                try writer.array(vectors)
            }
            writer.key("meta")
            writer.cohereMeta(tokens: outputs.tokens, "input_tokens", units: outputs.tokens)
        }
    }

    /// Writes what Cohere's clients are told of the costs.
    ///
    /// - Parameters:
    ///   - tokens: how many were read
    ///   - name: that of the units that are billed
    mutating func cohereMeta(tokens: Int, _ name: String, units: Int) {
        object { writer in
            writer.key("api_version")
            writer.object { writer in
                writer.key("version")
                writer.value("2")
            }
            writer.key("billed_units")
            writer.object { writer in
                writer.key(name)
                writer.value(units)
            }
            writer.key("tokens")
            writer.object { writer in
                writer.key("input_tokens")
                writer.value(tokens)
            }
        }
    }
}
