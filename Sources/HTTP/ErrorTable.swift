import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PenstockPipelines
import PenstockServing

/// The one table from errors to HTTP: a status, a code that stays the same, and what the client is told.
struct ErrorResponse {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var headers = HTTPFields()

    init(_ error: any Error) {
        switch error {
        case let error as ClientError:
            self.init(Self.status(error.code), error.code.rawValue, error.message, error.headers)
        case let error as PipelineError:
            self.init(Self.status(error.code), error.code.rawValue, error.message)
        case let error as ServingError:
            self.init(.serviceUnavailable, error.code.rawValue, error.message)
        case is NIOTooManyBytesError:
            self.init(.contentTooLarge, ClientError.Code.bodyTooLarge.rawValue, "the request body is too large")
        case let error as HTTPError where error.status == .notFound:
            self.init(.notFound, ClientError.Code.notFound.rawValue, "there is nothing at this path")
        case let error as HTTPError:
            self.init(error.status, ClientError.Code.invalidRequest.rawValue, error.body ?? error.status.reasonPhrase)
        default:
            self.init(
                .internalServerError, "internal_error", "something went wrong inside the server; its log says what")
        }
    }

    private init(_ status: HTTPResponse.Status, _ code: String, _ message: String, _ headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    private static func status(_ code: ClientError.Code) -> HTTPResponse.Status {
        switch code {
        case .emptyBody, .invalidUTF8, .malformedJSON: .badRequest
        case .invalidRequest: .unprocessableContent
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        }
    }

    private static func status(_ code: PipelineError.Code) -> HTTPResponse.Status {
        switch code {
        case .unsupportedTask, .invalidInputs, .invalidParameter, .inputTooLong: .unprocessableContent
        case .nonFiniteOutput: .internalServerError
        }
    }

    /// The response, with an ``ErrorBody``.
    var response: Response {
        Response(json: ErrorBody(code: code, message: message).json, status: status, headers: headers)
    }
}

extension Response {
    /// A response of JSON text.
    init(json: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

/// Answers every error that comes out of the routes below it.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    let routes: RouteTable<Context>

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return ErrorResponse(routes.methodNotAllowed(request) ?? error).response
        } catch {
            let failure = ErrorResponse(error)
            if failure.status.kind == .serverError {
                context.logger.error("request failed", metadata: ["code": "\(failure.code)", "error": "\(error)"])
            }
            return failure.response
        }
    }
}
