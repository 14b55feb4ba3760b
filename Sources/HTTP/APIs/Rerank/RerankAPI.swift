import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /rerank` and its other names: how well texts answer a query, in the form of whoever asks.
struct RerankAPI: Sendable {
    let requests: ObjectRequests

    var routes: [RouteTable.Route] {
        ["/rerank", "/v1/rerank", "/v2/rerank", "/reranking", "/v1/reranking"].map {
            RouteTable.Route(method: .post, path: $0, errors: .rerank, handler: answer)
        }
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            if RerankRequest.form(of: fields) == .textEmbeddings { context.errors.envelope = .textEmbeddings }
            return try RerankRequest(fields)
        } answer: { asked in
            let given = try await rank(asked)
            switch asked.fields.form {
            case .textEmbeddings: return Response(given, since: context.arrival)
            case .results: return Response(given.answer)
            }
        }
    }

    /// The answer to a request in its form.
    func rank(_ asked: ObjectRequests.Asked<RerankRequest>) async throws -> TextEmbeddingsAnswer {
        let asking = asked.fields
        let (model, task) = try await requests.model(asking.model, for: asked, doing: TextRanking.self)
        let texts = TextSize(of: asking.input.texts)
        let id = asked.context.requestID
        let answer = try await model.answer(
            task, [asking.input], asking.options, texts: texts, for: asked.client, in: requests.reader.memory
        ) { (outputs, writer, scope) throws(PipelineError) in
            let scores = try outputs.output(at: 0, in: scope)
            switch asking.form {
            case .textEmbeddings: try writer.ranks(scores, in: scope)
            case .results:
                try writer.results(
                    scores, of: asking.input.texts.count, tokens: outputs.tokens, id: id, model: model.name, in: scope)
            }
        }
        return TextEmbeddingsAnswer(answer: answer, texts: texts)
    }
}

extension JSONWriter {
    /// Writes scores as Text Embeddings Inference does.
    fileprivate mutating func ranks(_ scores: [TextRanking.Score], in scope: RequestScope) throws(PipelineError) {
        try array { (writer) throws(PipelineError) in
            for score in scores {
                try scope.check()
                writer.object { writer in
                    writer.key("index")
                    writer.value(score.index)
                    if let text = score.text {
                        writer.key("text")
                        writer.value(text)
                    }
                    writer.key("score")
                    writer.value(score.score)
                }
            }
        }
    }

    /// Documents that Cohere counts as one unit.
    private static let documentsPerUnit = 100

    /// Writes an object in which the clients of Cohere, Jina and vLLM find what they look for.
    ///
    /// - Parameters:
    ///   - count: how many documents were ranked
    ///   - tokens: how many tokens they had, with the query
    fileprivate mutating func results(
        _ scores: [TextRanking.Score], of count: Int, tokens: Int, id: String, model: String, in scope: RequestScope
    ) throws(PipelineError) {
        try object { (writer) throws(PipelineError) in
            writer.key("id")
            writer.value(id)
            writer.key("model")
            writer.value(model)
            writer.key("results")
            try writer.array { (writer) throws(PipelineError) in
                for score in scores {
                    try scope.check()
                    writer.object { $0.result(score) }
                }
            }
            writer.key("usage")
            writer.object { $0.usage(promptTokens: tokens) }
            writer.key("meta")
            writer.cohereMeta(tokens: tokens, "search_units", units: (count - 1) / Self.documentsPerUnit + 1)
        }
    }

    private mutating func result(_ score: TextRanking.Score) {
        key("index")
        value(score.index)
        key("relevance_score")
        value(score.score)
        guard let text = score.text else { return }
        key("document")
        object { writer in
            writer.key("text")
            writer.value(text)
        }
    }
}
