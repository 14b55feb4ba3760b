import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /v1/embeddings` and its alias `/embeddings`, as OpenAI has them.
struct EmbeddingsAPI: Sendable {
    let requests: ObjectRequests

    var routes: [RouteTable.Route] {
        ["/v1/embeddings", "/embeddings"].map {
            RouteTable.Route(method: .post, path: $0, errors: .openAI, handler: answer)
        }
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) {
            (asking: EmbeddingsRequest, outputs, model, writer, scope) throws(PipelineError) in
            try Self.write(outputs, of: model, as: asking.options.encoding.format, into: &writer, in: scope)
        }
    }

    private static func write(
        _ outputs: Outputs<SentenceSimilarity>, of model: String, as format: EmbeddingFormat,
        into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try writer.object { (writer) throws(PipelineError) in
            writer.key("object")
            writer.value("list")
            writer.key("data")
            try writer.array { (writer) throws(PipelineError) in
                for index in outputs.indices {
                    let output = try outputs.output(at: index, in: scope)
                    writer.object { writer in
                        writer.key("object")
                        writer.value("embedding")
                        writer.key("index")
                        writer.value(index)
                        writer.key("embedding")
                        writer.value(output.vector, as: format)
                    }
                }
            }
            writer.key("model")
            writer.value(model)
            writer.key("usage")
            writer.object { $0.usage(promptTokens: outputs.tokens) }
        }
    }
}

extension SentenceSimilarity.Output {
    /// The embedding, or the similarities.
    var vector: EmbeddingVector {
        switch self {
        case .embedding(let vector): vector
        case .similarities(let scores): .float32(scores)
        }
    }
}

extension JSONWriter {
    /// Writes the fields of OpenAI's `usage` of a request that has only a prompt.
    mutating func usage(promptTokens: Int) {
        key("prompt_tokens")
        value(promptTokens)
        key("total_tokens")
        value(promptTokens)
    }
}
