import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The routes of Text Embeddings Inference that ask something of a model: `POST /embed`, `/embed_all`, `/embed_sparse`,
/// `/similarity` and `/predict`.
struct TextEmbeddingsAPI: Sendable {
    let requests: ObjectRequests

    private typealias Handler = @Sendable (Request, ServerContext) async throws -> Response

    var routes: [RouteTable.Route] {
        let handlers: KeyValuePairs<String, Handler> = [
            "/embed": embed, "/embed_all": embedAll, "/embed_sparse": embedSparse, "/similarity": similarity,
            "/predict": predict,
        ]
        return handlers.map {
            RouteTable.Route(method: .post, path: $0.key, errors: .textEmbeddings, handler: $0.value)
        }
    }

    /// A list of vectors, also for a single text.
    @Sendable private func embed(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            try EmbedRequest(fields)
        } answer: { asked in
            let asking = asked.fields
            return try await answer(
                asked, asking.model, SentenceSimilarity.self, asking.inputs.all, asking.options, asking.inputs.texts
            ) { (output, writer, _) in
                writer.value(output.vector, as: .float)
            }
        }
    }

    /// A list of vectors for each text, one for each token.
    @Sendable private func embedAll(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            let asking = try EmbedRequest(fields)
            // Features are those of the text as it is.
            guard asking.promptName == nil else { throw fields.invalid("prompt_name", "left out here") }
            return (asking, try Self.texts(asking.inputs, fields))
        } answer: { asked in
            let (asking, texts) = asked.fields
            var options = FeatureExtraction.Options()
            options.tokenization = asking.truncation.arguments
            return try await answer(
                asked, asking.model, FeatureExtraction.self, texts, options, asking.inputs.texts
            ) { (output, writer, scope) throws(PipelineError) in
                try writer.array { (writer) throws(PipelineError) in
                    for start in stride(from: 0, to: output.values.count, by: output.width) {
                        try scope.check()
                        writer.value(output.values[start..<start + output.width])
                    }
                }
            }
        }
    }

    private static func texts(_ inputs: EmbeddingInputs, _ fields: RequestFields) throws(ClientError) -> [String] {
        var texts: [String] = []
        for input in inputs.all {
            guard case .text(let text) = input else {
                throw fields.invalid("inputs", "a string or a list of strings here")
            }
            texts.append(text)
        }
        return texts
    }

    /// For each text a list of the dimensions that are not 0.
    @Sendable private func embedSparse(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            try EmbedRequest(fields)
        } answer: { asked in
            let asking = asked.fields
            return try await answer(
                asked, asking.model, SparseEmbeddings.self, asking.inputs.all,
                SparseEmbeddings.Options(asking.truncation, promptName: asking.promptName), asking.inputs.texts
            ) { (output, writer, _) in
                writer.sparse(output)
            }
        }
    }

    /// How alike each sentence is to the source.
    @Sendable private func similarity(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            try SimilarityRequest(fields)
        } answer: { asked in
            let asking = asked.fields
            return try await answer(
                asked, asking.model, SentenceSimilarity.self,
                [.comparison(source: asking.source, sentences: asking.sentences)], asking.options,
                TextSize(of: [asking.source] + asking.sentences), isList: false
            ) { (output, writer, _) in
                writer.value(output.vector, as: .float)
            }
        }
    }

    /// The labels of a text, the one that fits best first; of a list of texts a list of such.
    @Sendable private func predict(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            try PredictRequest(fields)
        } answer: { asked in
            let asking = asked.fields
            return try await answer(
                asked, asking.model, TextClassification.self, asking.inputs, asking.options, asking.texts,
                isList: asking.isList
            ) { (labels, writer, _) in
                writer.array { writer in
                    for label in labels {
                        writer.object { writer in
                            writer.key("score")
                            writer.value(label.score)
                            writer.key("label")
                            writer.value(label.label)
                        }
                    }
                }
            }
        }
    }

    /// Answers inputs one by one, as a list unless there is one that is not in a list.
    ///
    /// - Parameter write: writes one output
    private func answer<Fields, Task: AskedTask>(
        _ asked: ObjectRequests.Asked<Fields>, _ name: String?, _: Task.Type, _ inputs: [Task.Input],
        _ options: Task.Options, _ texts: TextSize, isList: Bool = true,
        write: @escaping @Sendable (Task.Output, inout JSONWriter, RequestScope) throws(PipelineError) -> Void
    ) async throws -> Response {
        let (model, task) = try requests.model(name, for: asked, doing: Task.self)
        let answer = try await model.answer(
            task, inputs, options, texts: texts, for: asked.client, in: requests.reader.memory
        ) { (outputs, writer, scope) throws(PipelineError) in
            func writeAll(_ writer: inout JSONWriter) throws(PipelineError) {
                for index in outputs.indices {
                    try write(outputs.output(at: index, in: scope), &writer, scope)
                }
            }
            if isList { try writer.array(writeAll) } else { try writeAll(&writer) }
        }
        return Response(answer, ofTextEmbeddings: texts, since: asked.context.arrival)
    }
}

extension JSONWriter {
    /// Writes a sparse embedding, a list of `{"index", "value"}`; or similarities.
    fileprivate mutating func sparse(_ output: SparseEmbeddings.Output) {
        switch output {
        case .similarities(let scores): value(scores)
        case .embedding(let vector):
            array { writer in
                for element in vector.elements {
                    writer.object { writer in
                        writer.key("index")
                        writer.value(element.index)
                        writer.key("value")
                        writer.value(element.value)
                    }
                }
            }
        }
    }
}
