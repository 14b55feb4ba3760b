import HTTPTypes
import Hummingbird
import PenstockServing

extension HTTPField.Name {
    // Names that HTTPTypes does not have.
    package static let requestID = known("X-Request-Id")
    package static let apiKey = known("X-API-Key")
    package static let bareAPIKey = known("Api-Key")
    package static let requestTimeout = known("X-Request-Timeout")
    package static let serverTiming = known("Server-Timing")
    package static let load = known("X-Penstock-Load")
    static let traceID = known("X-Amzn-Trace-Id")
    /// The name that Anthropic's clients know for the id of a request.
    fileprivate static let anthropicRequestID = known("request-id")

    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}

/// A middleware around every request: its id in the log and the answer, the count of requests by outcome, the load, and an
/// answer to every error.
struct RequestMiddleware: RouterMiddleware {
    let routes: RouteTable
    let counter: RequestCounter
    let exposesErrors: Bool
    let crossOrigin: CrossOrigin
    let store: ModelStore
    /// Is told of each request when its answer is ready, or the stream that it is has ended.
    let report: (@Sendable (RequestRecord) -> Void)?

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let id = RequestID.kept(of: request) ?? RequestID.made()
        var context = context
        context.requestID = id
        context.logger[metadataKey: "request_id"] = "\(id)"
        var (response, failure) = await answer(request, context, next)
        response.headers[.requestID] = id
        if request.uri.path.hasPrefix("/v1/messages") { response.headers[.anthropicRequestID] = id }
        response.headers.addServerTiming("total", context.arrival.duration(to: .now))
        response.headers[.load] = "\((store.scheduler.load / .milliseconds(1)).rounded() / 1e3)"
        crossOrigin.complete(&response, to: request)
        response.headers.secure()
        if store.isLeaving { response.headers[.connection] = "close" }
        guard let report else { return response }
        let (route, code) = (routes.path(of: request), failure?.code)
        // A call of gRPC that fails is answered 200 and tells its failure behind that.
        let status = response.status == .ok ? failure?.status ?? .ok : response.status
        let tell = { @Sendable [context] in
            report(RequestRecord(request, id, route: route, status: status, code: code, context))
        }
        if response.body.contentLength == nil { response.tellWhenOver(tell) } else { tell() }
        return response
    }

    private func answer(
        _ request: Request, _ context: ServerContext, _ next: (Request, ServerContext) async throws -> Response
    ) async -> (Response, ErrorResponse?) {
        do {
            let response: Response
            if let options = routes.answerToOptions(request) {
                response = options
            } else {
                response = try await next(request, context)
            }
            count(request, context, outcome: "ok")
            return (response, nil)
        } catch {
            let isUnknownPath = (error as? HTTPError)?.status == .notFound
            let failure = ErrorResponse(
                isUnknownPath ? routes.missing(request) ?? error : error, exposesErrors: exposesErrors)
            count(request, context, outcome: failure.code)
            if failure.status == .internalServerError {
                context.logger.error(
                    "request failed",
                    metadata: ["code": "\(failure.code)", "error": "\(error)", "error_id": "\(failure.id ?? "-")"])
            }
            let envelope = context.errors.envelope ?? routes.errors(of: request)
            return (failure.response(in: envelope, to: context.requestID), failure)
        }
    }

    private func count(_ request: Request, _ context: ServerContext, outcome: String) {
        counter.count(
            outcome: outcome, of: context.notes.facts.model ?? store.name(inPath: request.uri.path),
            since: context.arrival)
    }
}

extension Response {
    /// Does something once its body was written, or will not be.
    fileprivate mutating func tellWhenOver(_ action: @escaping @Sendable () -> Void) {
        let (former, end) = (body, EndOfLife(action))
        body = ResponseBody { writer in
            try await former.write(writer)
            withExtendedLifetime(end) {}
        }
    }
}

/// Does something when nobody has it any more.
private final class EndOfLife: Sendable {
    private let action: @Sendable () -> Void

    init(_ action: @escaping @Sendable () -> Void) { self.action = action }

    deinit { action() }
}

extension HTTPFields {
    /// Adds a duration to `Server-Timing`, in milliseconds.
    mutating func addServerTiming(_ name: String, _ duration: Duration) {
        let milliseconds = ((duration / .milliseconds(1)) * 1e3).rounded() / 1e3
        addServerTiming("\(name);dur=\(milliseconds)")
    }

    /// Adds a metric to `Server-Timing`.
    mutating func addServerTiming(_ metric: String) {
        self[.serverTiming] = self[.serverTiming].map { "\($0), \(metric)" } ?? metric
    }
}

extension ModelStore {
    /// The model that a path is about, if there is one.
    fileprivate func name(inPath path: String) -> String? {
        switch ModelPath(path) {
        case .first: firstName
        case .named(let name): has(name) ? name : nil
        case .unreadable, .noModel: nil
        }
    }
}

/// Ids by which a request is found in the log.
enum RequestID {
    private static let longest = 128

    /// The id that the client gave, if it is harmless in a log. Clients of Hugging Face give theirs as `X-Amzn-Trace-Id`.
    static func kept(of request: Request) -> String? {
        [HTTPField.Name.requestID, .traceID].lazy.compactMap { request.headers[$0] }.first { id in
            !id.isEmpty && id.utf8.count <= longest && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    /// A new one: 64 random bits.
    static func made() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
