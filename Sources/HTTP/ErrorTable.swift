import HTTPTypes
import Hummingbird
import NIOCore
import PenstockPipelines
import PenstockServing

/// The one table from errors to HTTP: a status, a code that stays the same, and what the client is told.
struct ErrorResponse {
    let status: HTTPResponse.Status
    let code: String
    /// Short whatever it quotes.
    let message: String
    /// The field of the body that is wrong, if it is one.
    let parameter: String?
    let headers: HTTPFields
    /// By which the log finds an internal failure that the client is not told of.
    let id: String?

    /// - Parameter exposesErrors: whether the client is told what went wrong inside.
    init(_ error: any Error, exposesErrors: Bool) {
        switch error {
        case let error as ClientError:
            self.init(
                Self.status(error.code), error.code.rawValue, error.message, error.headers, parameter: error.parameter)
        case let error as PipelineError:
            self.init(Self.status(error.code), error.code.rawValue, error.message)
        case let error as ServingError:
            self.init(Self.status(error.code), error.code.rawValue, error.message, Self.headers(of: error))
        case let error as ModelRefusal:
            let (status, code) = Self.status(error.reason)
            self.init(status, code, error.description)
        case is CancellationError, is ChannelError, is IOError:
            // A task that answers is cancelled, and a connection fails, when nobody is there any more.
            self.init(ClientError.gone, exposesErrors: exposesErrors)
        case let error as HTTPError where error.status == .notFound:
            self.init(.notFound, ClientError.Code.notFound.rawValue, "there is nothing at this path")
        case let error as HTTPError:
            self.init(error.status, ClientError.Code.invalidRequest.rawValue, error.body ?? error.status.reasonPhrase)
        default:
            let id = RequestID.made()
            let details = exposesErrors ? ": \(error)" : "; the server's log tells more under this id"
            self.init(.internalServerError, "internal_error", "internal error \(id)\(details)", id: id)
        }
    }

    /// Unicode scalars of the longest message.
    private static let mostScalars = 2000

    private init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, _ headers: HTTPFields = [:],
        parameter: String? = nil, id: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message.cut(after: Self.mostScalars)
        self.headers = headers
        self.parameter = parameter
        self.id = id
    }

    private static func status(_ code: ClientError.Code) -> HTTPResponse.Status {
        switch code {
        case .emptyBody, .invalidUTF8, .malformedJSON, .invalidHeader, .malformedRequest: .badRequest
        case .invalidRequest, .emptyInputs: .unprocessableContent
        case .invalidAPIKey: .unauthorized
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .uriTooLong: .uriTooLong
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .headTimeout: .requestTimeout
        case .expectationFailed: .expectationFailed
        case .notImplemented: .notImplemented
        case .versionNotSupported: .init(code: 505, reasonPhrase: "HTTP Version Not Supported")
        case .clientGone: clientClosedRequest
        }
    }

    private static func status(_ code: PipelineError.Code) -> HTTPResponse.Status {
        switch code {
        case .unsupportedTask, .invalidInputs, .invalidParameter, .inputTooLong: .unprocessableContent
        case .answerTooLarge: .contentTooLarge
        case .nonFiniteOutput: .internalServerError
        case .abandoned: clientClosedRequest
        }
    }

    private static func status(_ reason: ModelRefusal.Reason) -> (HTTPResponse.Status, code: String) {
        switch reason {
        case .forbidden: (.forbidden, ServingError.Code.modelForbidden.rawValue)
        case .missing: (.notFound, ServingError.Code.modelNotFound.rawValue)
        case .unusable: (.unprocessableContent, ClientError.Code.invalidRequest.rawValue)
        case .unreachable: (.serviceUnavailable, "hub_unavailable")
        }
    }

    private static let clientClosedRequest = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")

    private static func status(_ code: ServingError.Code) -> HTTPResponse.Status {
        switch code {
        case .notReady, .modelLoading, .overloaded, .shuttingDown: .serviceUnavailable
        case .modelNotFound: .notFound
        case .modelBusy: .conflict
        case .modelForbidden: .forbidden
        case .rateLimited: .tooManyRequests
        case .requestTooLarge: .contentTooLarge
        case .clientGone: clientClosedRequest
        case .deadlineExceeded: .gatewayTimeout
        }
    }

    /// `Retry-After` in whole seconds, at least one.
    private static func headers(of error: ServingError) -> HTTPFields {
        guard let seconds = error.retryAfter.map({ $0 / .seconds(1) }) else { return [:] }
        return [.retryAfter: String(Int(min(max(1, seconds.rounded(.up)), 86_400)))]
    }

    /// The response for a connection that ends with it, for those who have only the connection.
    var parts: (head: HTTPResponse, body: ByteBuffer) {
        let body = ByteBuffer(bytes: ErrorBody(code: code, message: message).json)
        var fields = headers
        fields[.connection] = "close"
        fields[.contentType] = "application/json"
        fields[.contentLength] = String(body.readableBytes)
        fields.secure()
        return (HTTPResponse(status: status, headerFields: fields), body)
    }
}

extension Response {
    /// A response of JSON text.
    init(json: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }

    /// A response of JSON text that may be large.
    ///
    /// - Parameter reservation: see ``init(_:headers:holding:)``
    init(json: [UInt8], holding reservation: MemoryBudget.Reservation) {
        self.init(json, headers: [.contentType: "application/json"], holding: reservation)
    }

    /// A response of bytes that may be many: they are handed out as the client takes them.
    ///
    /// - Parameter reservation: the bytes' place in the memory, held until the last of them is handed out.
    init(_ bytes: [UInt8], headers: HTTPFields, holding reservation: MemoryBudget.Reservation) {
        let pieceBytes = 64 << 10
        guard bytes.count > pieceBytes else {
            self.init(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
            return
        }
        let body = ResponseBody(contentLength: bytes.count) { writer in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                try await writer.write(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + pieceBytes)]))
            }
            try await writer.finish(nil)
            withExtendedLifetime(reservation) {}
        }
        self.init(status: .ok, headers: headers, body: body)
    }
}
