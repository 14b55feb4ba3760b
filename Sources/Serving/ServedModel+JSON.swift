import PenstockJSON
import PenstockPipelines

extension ServedModel {
    /// Answers a request as the pipeline of `transformers` does.
    ///
    /// - Parameters:
    ///   - inputs: what the task takes: a text, a list of texts, …
    ///   - parameters: its options by name
    /// - Returns: the result as JSON text.
    /// - Throws: `PipelineError` for what the task cannot take, ``ServingError`` when the gate refuses it or it is not
    ///   done within the configured time, and `CancellationError` when the task is cancelled while it waits.
    public func answer(_ inputs: JSONValue, parameters: JSONObject = JSONObject()) async throws -> [UInt8] {
        try await answer(inputs, parameters: parameters) { _ in }
    }

    /// As ``answer(_:parameters:)``, but waits for room for the answer before it is computed.
    package func answer(
        _ inputs: JSONValue, parameters: JSONObject, room: @escaping @Sendable (_ bytes: Int) async throws -> Void
    ) async throws -> [UInt8] {
        let deadline = ContinuousClock.now + configuration.requestTimeout
        return try await withDeadline(deadline) {
            let client = Client(of: .anybody, deadline: deadline, answerLimit: .max)
            return try await self.answer(inputs, parameters: parameters, for: client, room: room).result
        }
    }

    /// Answers a request of a client. Does not itself end at the deadline: see ``withDeadline(_:_:)``.
    ///
    /// - Parameters:
    ///   - pipeline: what is asked of the model; nil for its first task
    ///   - shape: whose defaults and nesting it is answered with
    ///   - memory: where the answer gets its place, which is refused if there is none
    ///   - room: waits for room for the answer, in bytes
    package func answer(
        _ inputs: JSONValue, parameters: JSONObject, by pipeline: JSONPipeline? = nil, as shape: JSONShape = .pipeline,
        for client: Client, in memory: MemoryBudget = .unlimited,
        room: @Sendable (_ bytes: Int) async throws -> Void = { _ in }
    ) async throws -> Answer<[UInt8]> {
        guard let pipeline = pipeline ?? pipelines.first else {
            throw PipelineError(.unsupportedTask, "the model was loaded for no task in JSON; ask one of its pipelines")
        }
        client.notes?.note { $0.task = pipeline.task }
        let answer = try await answer(texts: pipeline.textSize(of: inputs), for: client, in: memory, room: room) {
            (scope) async throws(PipelineError) in
            try await pipeline.prepare(inputs, parameters: parameters, as: shape, in: scope)
        }
        answer.reservation.shrink(to: answer.result.count)
        return answer
    }
}
