import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `POST /api/embed`, and `/api/embeddings`, which is older: embeddings of length 1, as Ollama has them.
struct OllamaEmbedAPI: Sendable {
    let requests: ObjectRequests

    private struct Asking: Sendable {
        let model: OllamaModel
        let texts: [String]
        var options = SentenceSimilarity.Options()

        /// - Parameter field: where the text is
        init(_ fields: RequestFields, _ field: String) throws(ClientError) {
            model = try fields.ollamaModel()
            if let text = fields[field]?.string {
                texts = text.isEmpty ? [] : [text]
            } else {
                texts = try fields.texts(field) ?? []
            }
            options.normalizes = true
            options.truncates = try fields.flag("truncate", default: true)
            options.truncateDim = try fields.integer("dimensions", atLeast: 1)
        }
    }

    var routes: [RouteTable.Route] {
        [
            route("/api/embed", field: "input") { Self.write($0, $1, since: $2, into: &$3) },
            route("/api/embeddings", field: "prompt") { vectors, _, _, writer in
                writer.object { writer in
                    writer.key("embedding")
                    if let vector = vectors.first { writer.value(vector, as: .float) } else { writer.array { _ in } }
                }
            },
        ]
    }

    /// An answer as it is written: the vectors, the tokens, and the facts of the request.
    private typealias Write = @Sendable ([EmbeddingVector], Int, Arrival, inout JSONWriter) -> Void

    private struct Arrival: Sendable {
        let model: String
        let time: ContinuousClock.Instant
    }

    private func route(_ path: String, field: String, write: @escaping Write) -> RouteTable.Route {
        RouteTable.Route(method: .post, path: path, errors: .plain) { request, context in
            try await requests.answer(request, context) { (fields) throws(ClientError) in
                try Asking(fields, field)
            } answer: { asked in
                try await answer(asked, write)
            }
        }
    }

    private func answer(_ asked: ObjectRequests.Asked<Asking>, _ write: @escaping Write) async throws -> Response {
        let asking = asked.fields
        let (model, task) = try await requests.model(asking.model.name, for: asked, doing: SentenceSimilarity.self)
        let arrival = Arrival(model: asking.model.asked ?? model.name, time: asked.context.arrival)
        guard !asking.texts.isEmpty else {
            var writer = JSONWriter()
            write([], 0, arrival, &writer)
            return Response(json: writer.finish())
        }
        return Response(
            try await model.answer(
                task, asking.texts.map { .text($0) }, asking.options, texts: TextSize(of: asking.texts),
                for: asked.client, in: requests.reader.memory
            ) { (outputs, writer, scope) throws(PipelineError) in
                var vectors: [EmbeddingVector] = []
                for index in outputs.indices { vectors.append(try outputs.output(at: index, in: scope).vector) }
                write(vectors, outputs.tokens, arrival, &writer)
            })
    }

    private static func write(
        _ vectors: [EmbeddingVector], _ tokens: Int, since arrival: Arrival, into writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("model")
            writer.value(arrival.model)
            writer.key("embeddings")
            writer.array { for vector in vectors { $0.value(vector, as: .float) } }
            writer.key("total_duration")
            writer.value(arrival.time.duration(to: .now).wholeNanoseconds)
            writer.key("load_duration")
            writer.value(0)
            writer.key("prompt_eval_count")
            writer.value(tokens)
        }
    }
}
