import HTTPTypes
import Hummingbird
import NIOCore
import PenstockJSON
import PenstockPipelines
import PenstockServing

extension PipelineAPI {
    /// Answers a prompt with an event for each token.
    ///
    /// What goes wrong before the first token is an error as of any other request; behind it, it is the last event.
    func stream(
        _ call: Call, _ task: TextGeneration, of model: ServedModel, as shape: JSONShape, for client: Client
    ) async throws -> Response {
        let (stream, prepared) = try await model.stream(
            texts: TextGeneration.textSize(of: call.inputs), for: client, in: reader.memory
        ) { (scope) async throws(PipelineError) in
            try await task.prepareStream(call.inputs, parameters: call.parametersOfTask, as: shape, in: scope)
        }
        let first = try await stream.next()
        let body = ResponseBody { writer in
            var events = prepared.events
            var next = first
            do {
                while let piece = next {
                    let event = events.event(piece) { stream.timing.serverTiming }
                    try await writer.write(ByteBuffer(event: event))
                    next = try await Self.next(of: stream)
                }
            } catch let failure as StreamFailure {
                let error = ErrorResponse(failure.cause, exposesErrors: false)
                try await writer.write(
                    ByteBuffer(event: TextGeneration.errorEvent(error.message, type: error.generationType)))
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
    }

    /// The reason that a stream does not go on; what goes wrong with the connection is none.
    private struct StreamFailure: Error {
        let cause: any Error
    }

    private static func next(of stream: GenerationStream) async throws -> GeneratedPiece? {
        do {
            return try await stream.next()
        } catch {
            throw StreamFailure(cause: error)
        }
    }
}

extension Call {
    /// True if the answer is told piece by piece, as `stream` says.
    var isStreamed: Bool {
        get throws(ClientError) {
            switch parameters["stream"] {
            case nil, .null: return false
            case .bool(let isStreamed): return isStreamed
            case .some(let other):
                throw ClientError(.invalidRequest, "stream has to be true or false, not \(other.kind)")
            }
        }
    }

    /// The parameters but for `stream`, which says how the answer is sent.
    var parametersOfTask: JSONObject {
        JSONObject(parameters.entries.filter { $0.key != "stream" }.map { ($0.key, $0.value) })
    }
}

extension ErrorResponse {
    /// The kinds of errors that clients of Text Generation Inference know.
    fileprivate var generationType: String {
        switch status.code {
        case 429, 503: "overloaded"
        case 400..<500: "validation"
        case 504: "incomplete_generation"
        default: "generation"
        }
    }
}

extension RequestTiming {
    /// In the form of the header `Server-Timing`.
    fileprivate var serverTiming: String {
        var fields = HTTPFields()
        fields.addServerTiming("queue", queue)
        fields.addServerTiming("inference", inference)
        return fields[.serverTiming] ?? ""
    }
}
