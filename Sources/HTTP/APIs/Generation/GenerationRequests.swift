import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Answers requests to generate, whatever API they speak: see ``GenerationDialect``.
struct GenerationRequests: Sendable {
    let requests: ObjectRequests

    /// Reads a body and answers it.
    ///
    /// - Parameter decode: reads the fields
    func answer<Dialect: GenerationDialect>(
        _ request: Request, _ context: ServerContext,
        decode: @escaping @Sendable (RequestFields) throws(ClientError) -> Dialect
    ) async throws -> Response {
        let named = try request.modelOfPath
        return try await requests.answer(request, context, decode: decode) { asked in
            try await answer(asked, named: named)
        }
    }

    /// Answers a body that was read.
    ///
    /// - Parameter name: that of the model in the path, which stands above that in the body; nil if it has none
    func answer<Dialect: GenerationDialect>(
        _ asked: ObjectRequests.Asked<Dialect>, named name: String? = nil
    ) async throws -> Response {
        var dialect = asked.fields
        let (model, task) = try await requests.model(name ?? dialect.call.model, for: asked, doing: TextGeneration.self)
        try dialect.settle(on: task)
        asked.context.notes.note { $0.task = "text-generation" }
        return dialect.call.isStreamed
            ? try await stream(asked.with(dialect), by: model, task)
            : try await whole(asked.with(dialect), by: model, task)
    }

    private func whole<Dialect: GenerationDialect>(
        _ asked: ObjectRequests.Asked<Dialect>, by model: ServedModel, _ task: TextGeneration
    ) async throws -> Response {
        let call = asked.fields.call
        let options = call.settledOptions(on: model)
        let answer = try await model.answer(texts: call.texts, for: asked.client, in: requests.reader.memory) {
            (scope) async throws(PipelineError) in
            try await task.prepare(call.inputs, options, in: scope)
        }
        let facts = answer.generation ?? GenerationFacts()
        let head = GenerationHead(
            model: model.name, promptTokens: facts.promptTokens,
            opensThought: answer.result.first?.first?.opensThought ?? false)
        var writer = JSONWriter()
        asked.fields.write(
            GenerationAnswer(
                head: head, outputs: answer.result, summary: GenerationSummary(facts: facts, timing: answer.timing)),
            into: &writer)
        let json = writer.finish()
        try answer.reservation.grow(by: max(0, json.count - answer.reservation.bytes))
        answer.reservation.shrink(to: json.count)
        return Response(answer.with(result: json))
    }

    private func stream<Dialect: GenerationDialect>(
        _ asked: ObjectRequests.Asked<Dialect>, by model: ServedModel, _ task: TextGeneration
    ) async throws -> Response {
        let call = asked.fields.call
        let options = call.settledOptions(on: model)
        let (stream, prepared) = try await model.stream(
            texts: call.texts, for: asked.client, in: requests.reader.memory
        ) { (scope) async throws(PipelineError) in
            try await task.prepareStream(call.inputs, options, in: scope)
        }
        let head = GenerationHead(
            model: model.name, promptTokens: stream.promptTokens, opensThought: prepared.opensThought)
        return try await Response(stream, of: prepared, asked.fields.events(head), beats: requests.reader.beats)
    }
}

extension TextGeneration: AskedTask {
    static let kindOfModel = "a model that generates texts"
}

extension Request {
    /// The name of the model that the path is about; nil if it is about none.
    ///
    /// - Throws: ``ClientError`` if the path has a name that cannot be read.
    fileprivate var modelOfPath: String? {
        get throws(ClientError) { uri.path.hasPrefix("/models/") ? try modelName : nil }
    }
}
