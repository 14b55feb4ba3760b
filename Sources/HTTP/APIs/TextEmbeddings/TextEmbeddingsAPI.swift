import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The routes of Text Embeddings Inference that ask something of a model: `POST /embed`, `/embed_all`, `/embed_sparse`,
/// `/similarity` and `/predict`.
struct TextEmbeddingsAPI: Sendable {
    let requests: ObjectRequests

    /// A request whose body was read.
    typealias Asked = ObjectRequests.Asked

    var routes: [RouteTable.Route] {
        [
            route("/embed", { (fields) throws(ClientError) in try EmbedRequest(fields) }, embed),
            route("/embed_all", { (fields) throws(ClientError) in try EmbedAllRequest(fields) }, embedAll),
            route("/embed_sparse", { (fields) throws(ClientError) in try EmbedRequest(fields) }, embedSparse),
            route("/similarity", { (fields) throws(ClientError) in try SimilarityRequest(fields) }, similarity),
            route("/predict", { (fields) throws(ClientError) in try PredictRequest(fields) }, predict),
        ]
    }

    private func route<Fields: Sendable>(
        _ path: String, _ decode: @escaping @Sendable (RequestFields) throws(ClientError) -> Fields,
        _ answer: @escaping @Sendable (Asked<Fields>) async throws -> TextEmbeddingsAnswer
    ) -> RouteTable.Route {
        RouteTable.Route(method: .post, path: path, errors: .textEmbeddings) { request, context in
            try await requests.answer(request, context, decode: decode) { asked in
                Response(try await answer(asked), since: context.arrival)
            }
        }
    }

    /// A list of vectors, also for a single text.
    @Sendable func embed(_ asked: Asked<EmbedRequest>) async throws -> TextEmbeddingsAnswer {
        let asking = asked.fields
        return try await answer(
            asked, asking.model, SentenceSimilarity.self, asking.inputs.all, asking.options, asking.inputs.texts
        ) { (output, writer, _) in
            writer.value(output.vector, as: .float)
        }
    }

    /// A list of vectors for each text, one for each token.
    @Sendable private func embedAll(_ asked: Asked<EmbedAllRequest>) async throws -> TextEmbeddingsAnswer {
        let asking = asked.fields
        let (model, _) = try await requests.model(asking.model, for: asked, doing: FeatureExtraction.self)
        let prompt = try model.prompt(named: asking.promptName)
        let reservation = try requests.reader.memory.reserve(
            AnswerSize.product(asking.texts.count, prompt.utf8.count))
        defer { withExtendedLifetime(reservation) {} }
        var options = asking.options
        // The same tokens as those that an embedding is made of.
        options.tokenization.maxLength = model.task(SentenceSimilarity.self)?.maxTokens
        return try await answer(
            asked, model.name, FeatureExtraction.self, asking.texts.map { prompt + $0 }, options,
            TextSize(of: asking.texts)
        ) { (output, writer, scope) throws(PipelineError) in try writer.value(output, in: scope) }
    }

    /// For each text a list of the dimensions that are not 0.
    @Sendable func embedSparse(_ asked: Asked<EmbedRequest>) async throws -> TextEmbeddingsAnswer {
        let asking = asked.fields
        return try await answer(
            asked, asking.model, SparseEmbeddings.self, asking.inputs.all,
            SparseEmbeddings.Options(asking.truncation, promptName: asking.promptName), asking.inputs.texts
        ) { (output, writer, _) in
            writer.sparse(output)
        }
    }

    /// Answers how alike each sentence is to the source.
    @Sendable private func similarity(_ asked: Asked<SimilarityRequest>) async throws -> TextEmbeddingsAnswer {
        let asking = asked.fields
        return try await answer(
            asked, asking.model, SentenceSimilarity.self,
            [.comparison(source: asking.source, sentences: asking.sentences)], asking.options,
            TextSize(of: [asking.source] + asking.sentences), isList: false
        ) { (output, writer, _) in
            writer.value(output.vector, as: .float)
        }
    }

    /// The labels of a text, the one that fits best first; of a list of texts a list of such.
    @Sendable func predict(_ asked: Asked<PredictRequest>) async throws -> TextEmbeddingsAnswer {
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

    /// Answers inputs one by one, as a list unless there is one that is not in a list.
    ///
    /// - Parameter write: writes one output
    private func answer<Fields, Task: AskedTask>(
        _ asked: Asked<Fields>, _ name: String?, _: Task.Type, _ inputs: [Task.Input],
        _ options: Task.Options, _ texts: TextSize, isList: Bool = true,
        write: @escaping @Sendable (Task.Output, inout JSONWriter, RequestScope) throws(PipelineError) -> Void
    ) async throws -> TextEmbeddingsAnswer {
        let (model, task) = try await requests.model(name, for: asked, doing: Task.self)
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
        return TextEmbeddingsAnswer(answer: answer, texts: texts)
    }
}

extension ServedModel {
    /// Returns the text that a prompt of the checkpoint puts before each text; an empty one if none is named.
    ///
    /// - Throws: `PipelineError` if there is none of this name
    func prompt(named name: String?) throws(PipelineError) -> String {
        guard let name else { return "" }
        guard let sentences = task(SentenceSimilarity.self) else {
            throw PipelineError(.invalidParameter, "prompt_name is for models with prompts, and this one has none")
        }
        return try sentences.prompt(named: name)
    }
}

extension JSONWriter {
    /// Writes a sparse embedding, a list of `{"index", "value"}`; or similarities.
    fileprivate mutating func sparse(_ output: SparseEmbeddings.Output) {
        switch output {
        case .similarities(let scores): value(scores)
        case .embedding(let vector): value(vector)
        }
    }
}
