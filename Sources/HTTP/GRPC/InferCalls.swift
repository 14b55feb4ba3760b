import Hummingbird
import PenstockPipelines
import PenstockProtocolBuffers
import PenstockServing

/// The methods that answer by a model: `ModelInfer`, and `ModelStreamInfer`, which tells texts piece by piece if it is
/// asked to.
struct InferCalls: Sendable {
    let rpc: RPC

    private var store: ModelStore { rpc.requests.store }
    private var memory: MemoryBudget { rpc.requests.reader.memory }

    var routes: [RouteTable.Route] {
        [
            rpc.unary(InferenceService.path + "ModelInfer", isCounted: true) {
                (asked: ObjectRequests.Asked<InferMessage>) in
                let context = asked.context
                let answer = try await answer(
                    asked.fields, context, since: context.arrival, until: asked.client.deadline)
                var response = Response(message: answer.result.bytes, holding: answer.reservation)
                response.headers.addServerTiming("queue", answer.timing.queue)
                response.headers.addServerTiming("inference", answer.timing.inference)
                return response
            },
            rpc.stream(InferenceService.path + "ModelStreamInfer") { (call: RPCStream.Call<InferMessage>, writer) in
                try await answer(call, into: &writer)
            },
        ]
    }

    /// The model that a message is for, and when the answer has to be there.
    ///
    /// - Parameter end: the latest that can be
    private func model(
        for message: InferMessage, _ context: ServerContext, since start: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws -> (ServedModel, deadline: ContinuousClock.Instant) {
        if !message.version.isEmpty { try OpenInference.check(version: message.version) }
        let status = store.status(of: message.model)
        if let status { context.notes.note { $0.model = status.name } }
        let deadline = min(end, status?.serving.map { start + $0.requestTimeout } ?? end)
        return (try await store.model(message.model, for: context.caller, until: deadline), deadline)
    }

    /// Answers with all tensors at once.
    private func answer(
        _ message: InferMessage, _ context: ServerContext, since start: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws -> ServedModel.Answer<InferAnswer> {
        guard try !message.isStreamed else {
            throw ClientError(.invalidRequest, "ModelInfer has one answer; texts are streamed by ModelStreamInfer")
        }
        let (model, deadline) = try await model(for: message, context, since: start, until: end)
        let request = try message.request
        return try await withDeadline(deadline) { [memory] in
            try await model.answer(request, context, until: deadline, since: start, in: memory) {
                InferAnswer(message: $0, to: request, model: $1)
            }
        }
    }
}

// MARK: Streams

extension InferCalls {
    /// The beginning of the answer to a message of a stream.
    private enum Beginning: Sendable {
        case whole(ServedModel.Answer<InferAnswer>)
        case text(TextAnswer)
    }

    /// Answers a message of a stream. That it fails is told in its answer, and is not the end of the call.
    private func answer(_ call: RPCStream.Call<InferMessage>, into writer: inout RPCWriter) async throws {
        let context = call.context
        context.notes.note { $0.model = nil }
        var outcome = "ok"
        do {
            try context.caller.takeRequest()
            switch try await begin(call) {
            case .whole(let answer):
                try await writer.write(message: Self.message(answer.result.bytes))
                withExtendedLifetime(answer.reservation) {}
            case .text(let answer): try await answer.write(into: &writer)
            }
        } catch let failure as RPCWriter.Failure {
            throw failure
        } catch {
            let failure = ErrorResponse(error, exposesErrors: rpc.exposesErrors)
            outcome = failure.code
            if failure.status == .internalServerError {
                context.logger.error(
                    "request failed", metadata: ["error": "\(error)", "error_id": "\(failure.id ?? "-")"])
            }
            var message = MessageWriter()
            message.text(1, failure.message, isChoice: true)
            try await writer.write(message: message.bytes)
        }
        rpc.counter.count(outcome: outcome, of: context.notes.facts.model, since: call.arrival)
    }

    private func begin(_ call: RPCStream.Call<InferMessage>) async throws -> Beginning {
        let (context, start) = (call.context, call.arrival)
        let reading = call.client(within: rpc.requests.longestTimeout)
        return try await withDeadline(reading.deadline) {
            try await call.body.read(for: reading) { message in
                guard try message.isStreamed else {
                    return .whole(try await answer(message, context, since: start, until: reading.deadline))
                }
                let (model, deadline) = try await model(for: message, context, since: start, until: reading.deadline)
                let request = try message.request
                guard let task = try model.tensorTask(for: request, context) as? TextGeneration else {
                    throw PipelineError(.unsupportedTask, "only the answers of models that generate can be streamed")
                }
                let client = context.client(until: deadline, streamsUntil: call.deadline)
                return .text(
                    try await TextAnswer(
                        to: request, endsEmpty: try message.wantsEmptyEnd, by: model, task, for: client, in: memory))
            }
        }
    }

    /// The message `ModelStreamInferResponse` of an answer.
    fileprivate static func message(_ answer: [UInt8]) -> [UInt8] {
        var writer = MessageWriter()
        writer.element(2, answer)
        return writer.bytes
    }
}

/// A text that is told piece by piece, as Triton's models do that answer a request more than once.
private struct TextAnswer: Sendable {
    /// The name of the tensor of a piece.
    private static let output = "text_output"

    private let request: InferRequest
    private let model: String
    private let endsEmpty: Bool
    private let stream: GenerationStream
    private let prepared: TextGeneration.PreparedStream
    private let first: GeneratedPiece?

    /// Returns when the first piece is there.
    ///
    /// - Parameter endsEmpty: whether a message without tensors tells the end
    init(
        to request: InferRequest, endsEmpty: Bool, by model: ServedModel, _ task: TextGeneration,
        for client: Client, in memory: MemoryBudget
    ) async throws {
        try request.outputs.check([TensorDescription(Self.output, .bytes)])
        let (items, parameters) = try request.asked(of: TextGeneration.self)
        let options = try TextGeneration.tensorOptions(parameters)
        let inputs = try TextGeneration.inputs(items, options)
        (stream, prepared) = try await model.stream(
            texts: TextGeneration.textSize(of: .array(items)), for: client, in: memory
        ) { (scope) async throws(PipelineError) in
            try await task.prepareStream(inputs, options, in: scope)
        }
        first = try await stream.next()
        (self.request, self.model, self.endsEmpty) = (request, model.name, endsEmpty)
    }

    /// Writes the pieces as they come: of each its text, the prompt that it belongs to, and why the text ends.
    func write(into writer: inout RPCWriter) async throws {
        var next = first
        while let generated = next {
            let piece = prepared.piece(generated)
            if !piece.text.isEmpty || piece.end != nil {
                let output = OutputTensor(Self.output, shape: [1], .texts([piece.text]))
                try await writer.write(
                    message: message([output], isEnd: false) { writer in
                        if piece.sequence > 0 {
                            writer.parameter(4, "sequence") { $0.signed(2, Int64(piece.sequence), isChoice: true) }
                        }
                        if let end = piece.end {
                            writer.parameter(4, "finish_reason") { $0.text(3, end.rawValue, isChoice: true) }
                        }
                    })
            }
            next = try await stream.next()
        }
        if endsEmpty { try await writer.write(message: message([], isEnd: true)) }
    }

    private func message(
        _ tensors: [OutputTensor], isEnd: Bool, _ parameters: (inout MessageWriter) -> Void = { _ in }
    ) -> [UInt8] {
        InferCalls.message(
            InferAnswer(message: tensors, to: request, model: model) { writer in
                parameters(&writer)
                writer.parameter(4, "triton_final_response") { $0.bool(1, isEnd, isChoice: true) }
            }.bytes)
    }
}
