import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `POST /score` and `/v1/score`, as vLLM has them: the scores of pairs of texts, in the order in which they are asked.
struct ScoreAPI: Sendable {
    let requests: ObjectRequests

    var routes: [RouteTable.Route] {
        ["/score", "/v1/score"].map {
            RouteTable.Route(method: .post, path: $0, errors: .openAI, handler: answer)
        }
    }

    @Sendable private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) {
            (_: ScoreRequest, outputs, model, writer, scope) throws(PipelineError) in
            var scores: [Float] = []
            for index in outputs.indices {
                try scope.check()
                let ranked = try outputs.output(at: index, in: scope)
                scores += ranked.sorted { $0.index < $1.index }.map(\.score)
            }
            writer.scores(scores, tokens: outputs.tokens, id: context.requestID, model: model)
        }
    }
}

/// The body of `POST /score`.
private struct ScoreRequest: TaskRequest {
    typealias Task = TextRanking

    let model: String?
    /// A query with all texts; of several, each with its own.
    let inputs: [TextRanking.Input]
    let options: TextRanking.Options

    var texts: TextSize { TextSize(of: inputs.flatMap(\.texts)) }

    init(_ fields: RequestFields) throws(ClientError) {
        model = try fields.string("model")
        let (queries, texts) = (try Self.texts(fields, "text_1"), try Self.texts(fields, "text_2"))
        if queries.count == 1 {
            inputs = [TextRanking.Input(query: queries[0], texts: texts)]
        } else {
            guard queries.count == texts.count else {
                throw ClientError(
                    .invalidRequest,
                    "text_1 has \(queries.count) texts, so that text_2 has to have as many, not \(texts.count)",
                    parameter: "text_2")
            }
            inputs = zip(queries, texts).map { TextRanking.Input(query: $0, texts: [$1]) }
        }
        options = try TextRanking.Options(dialect: fields)
    }

    private static func texts(_ fields: RequestFields, _ name: String) throws(ClientError) -> [String] {
        if let text = fields[name]?.string { return [text] }
        let texts = try fields.require(fields.texts(name), name, "a string or a list of strings")
        guard !texts.isEmpty else { throw ClientError(.emptyInputs, "\(name) is an empty list", parameter: name) }
        return texts
    }
}

extension JSONWriter {
    fileprivate mutating func scores(_ scores: [Float], tokens: Int, id: String, model: String) {
        object { writer in
            writer.key("id")
            writer.value("score-\(id)")
            writer.key("object")
            writer.value("list")
            writer.key("created")
            writer.value(time(nil))
            writer.key("model")
            writer.value(model)
            writer.key("data")
            writer.array { writer in
                for (index, score) in scores.enumerated() {
                    writer.object { writer in
                        writer.key("index")
                        writer.value(index)
                        writer.key("object")
                        writer.value("score")
                        writer.key("score")
                        writer.value(score)
                    }
                }
            }
            writer.key("usage")
            writer.object { $0.usage(promptTokens: tokens) }
        }
    }
}
