import HTTPTypes
import Hummingbird
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
        return try await Response(
            stream, of: prepared.stream, NativeEvents(events: prepared.events, stream: stream), beats: reader.beats)
    }

    /// The events that clients of Text Generation Inference read.
    private struct NativeEvents: GenerationEvents {
        var events: TextGeneration.StreamEvents
        let stream: GenerationStream

        mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
            bytes.add(compactEvent: events.event(piece) { stream.timing.serverTiming })
        }

        func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {}

        func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
            bytes.add(compactEvent: TextGeneration.errorEvent(error.message, type: error.generationType))
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
