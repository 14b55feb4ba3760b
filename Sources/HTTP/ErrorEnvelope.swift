import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockServing
import Synchronization

/// The form in which the clients of an API expect errors, and the statuses that they tell apart.
enum ErrorEnvelope: Sendable {
    /// `{"error": {"code", "message"}}`; for clients of Hugging Face, theirs.
    case native
    /// `{"error": {"message", "type", "param", "code"}}`.
    case openAI
    /// `{"error", "error_type"}`, as Text Embeddings Inference has them.
    case textEmbeddings
    /// `{"error"}`, as hosted models have them.
    case hosted(HostedClient)
    /// The form that the clients of Cohere (`message`), Jina (`detail`) and OpenAI (`error`) read, in one.
    case rerank
    /// `{"error"}`, a text whatever happens, as KServe, Triton and Ollama have it.
    case plain
    /// `{"type": "error", "error": {"type", "message"}, "request_id"}`.
    case anthropic
    /// The trailing fields of a call of gRPC.
    case rpc

    /// The envelope of a request, where its path leaves that open.
    func resolved(for request: Request) -> ErrorEnvelope {
        switch self {
        case .native, .hosted: HostedClient(request.headers).map { .hosted($0) } ?? self
        case .openAI, .textEmbeddings, .rerank, .plain, .anthropic, .rpc: self
        }
    }
}

/// The form of errors of a request, once its body tells which API it speaks.
final class EnvelopeChoice: Sendable {
    private let choice = Mutex<ErrorEnvelope?>(nil)

    /// Nil for that of the route.
    var envelope: ErrorEnvelope? {
        get { choice.withLock { $0 } }
        set { choice.withLock { $0 = newValue } }
    }
}

extension ErrorResponse {
    func response(in envelope: ErrorEnvelope, to requestID: String) -> Response {
        // Who sends something else than a call knows nothing of trailing fields.
        if case .rpc = envelope, status != .unsupportedMediaType { return Response(rpc: self) }
        let (json, status, headers) = told(in: envelope, to: requestID)
        return Response(json: json, status: status, headers: headers)
    }

    /// The JSON text of the error, and the status and the headers that go with it.
    ///
    /// - Parameter requestID: the request whose error it is, for envelopes that name it
    func told(
        in envelope: ErrorEnvelope, to requestID: String? = nil
    ) -> (json: [UInt8], HTTPResponse.Status, HTTPFields) {
        var (status, headers) = (status, headers)
        var writer = JSONWriter()
        switch envelope {
        case .native:
            return (ErrorBody(code: code, message: message).json, status, headers)
        case .openAI:
            status = statusOfClientError
            if isForGood { headers[.shouldRetry] = "false" }
            writer.object { writer in
                writer.key("error")
                writeOpenAI(status, into: &writer)
            }
        case .textEmbeddings:
            let (textEmbeddingsStatus, type, message) = textEmbeddings
            status = textEmbeddingsStatus
            writer.object { writer in
                writer.key("error")
                writer.value(message)
                writer.key("error_type")
                writer.value(type)
            }
        case .hosted(let client):
            status = statusOfClientError
            // The JavaScript client sends a request again at once and without end when the answer is 503.
            if client == .javaScript, status == .serviceUnavailable { status = .tooManyRequests }
            writer.object { writer in
                writer.key("error")
                writer.value(message)
                guard status == .serviceUnavailable, let seconds = headers[.retryAfter].flatMap(Double.init) else {
                    return
                }
                writer.key("estimated_time")
                writer.value(seconds)
            }
        case .rerank:
            status = statusOfClientError
            writer.object { writer in
                writer.key("message")
                writer.value(message)
                writer.key("detail")
                writer.value(message)
                writer.key("error")
                writeOpenAI(status, into: &writer)
            }
        case .plain, .rpc:
            status = statusOfClientError
            writer.object { writer in
                writer.key("error")
                writer.value(message)
            }
        case .anthropic:
            let isOverloaded = code == ServingError.Code.overloaded.rawValue
            status = isOverloaded ? .siteOverloaded : statusOfClientError
            if isForGood { headers[.shouldRetry] = "false" }
            writer.object { writer in
                writer.key("type")
                writer.value("error")
                writer.key("error")
                writer.object { writer in
                    writer.key("type")
                    writer.value(Self.anthropicType(status))
                    writer.key("message")
                    writer.value(message)
                }
                guard let requestID else { return }
                writer.key("request_id")
                writer.value(requestID)
            }
        }
        return (writer.finish(), status, headers)
    }

    /// The status for clients that know 400 for whatever a request has wrong, and 429 for what comes too early.
    private var statusOfClientError: HTTPResponse.Status {
        switch status {
        case .unprocessableContent: .badRequest
        case .serviceUnavailable where code == ServingError.Code.overloaded.rawValue: .tooManyRequests
        default: status
        }
    }

    /// True if the same request would fail again, although its status says that the server is at fault.
    private var isForGood: Bool {
        status == .internalServerError || status == .serviceUnavailable && headers[.retryAfter] == nil
    }

    /// Writes the error as OpenAI has it, without the object around it.
    func writeOpenAI(into writer: inout JSONWriter) { writeOpenAI(statusOfClientError, into: &writer) }

    private func writeOpenAI(_ status: HTTPResponse.Status, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("message")
            writer.value(message)
            writer.key("type")
            writer.value(Self.openAIType(status))
            writer.key("param")
            writer.value(parameter.map(JSONValue.string) ?? .null)
            writer.key("code")
            writer.value(openAICode)
        }
    }

    private static func openAIType(_ status: HTTPResponse.Status) -> String {
        switch status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    private static func anthropicType(_ status: HTTPResponse.Status) -> String {
        switch status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 504: "timeout_error"
        case 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    /// The codes that programs compare with, where OpenAI has one for the case.
    private var openAICode: String {
        switch code {
        case "input_too_long": "context_length_exceeded"
        case "overloaded": "rate_limit_exceeded"
        default: code
        }
    }

    /// Status, type and message as Text Embeddings Inference has them.
    private var textEmbeddings: (HTTPResponse.Status, type: String, message: String) {
        switch (status.code, code) {
        case (_, "unsupported_task"), (500, _): (.failedDependency, "Backend", message)
        case (_, "overloaded"): (.tooManyRequests, "Overloaded", "Model is overloaded: \(message)")
        case (503, _): (.serviceUnavailable, "Unhealthy", message)
        case (_, "empty_inputs"), (_, "empty_body"): (.badRequest, "Empty", message)
        case (422, _): (.unprocessableContent, "Validation", message)
        case (504, _): (status, "Backend", message)
        default: (status, "Validation", message)
        }
    }
}

extension HTTPResponse.Status {
    /// 424 (RFC 4918).
    fileprivate static let failedDependency = HTTPResponse.Status(code: 424, reasonPhrase: "Failed Dependency")
    /// 529, by which Anthropic says that there is too much to do.
    static let siteOverloaded = HTTPResponse.Status(code: 529, reasonPhrase: "Site is overloaded")
}

extension HTTPField.Name {
    /// By which OpenAI's clients are told whether to try again.
    fileprivate static let shouldRetry = known("x-should-retry")
}
