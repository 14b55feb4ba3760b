import HTTPTypes
import Hummingbird

/// The routes of all APIs, as data: the router is built from it, and it knows which methods a path has.
struct RouteTable: Sendable {
    /// A rule for who may ask.
    enum Access: Sendable {
        /// Everybody, also without an API key.
        case everybody
        /// Whoever has a key, if the server has any.
        case callers
        /// Whoever has a key of an administrator.
        case administrators
    }

    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        /// The rule for whom it is for.
        let access: Access
        /// The envelope in which its errors are told.
        let errors: ErrorEnvelope
        /// True if a request counts as one of those that a caller may send in a minute.
        let isCounted: Bool
        let handler: @Sendable (Request, ServerContext) async throws -> Response
        fileprivate let parts: [Substring]

        /// - Parameter isCounted: whether a request counts as one of those that a caller may send in a minute; nil for
        ///   those by POST
        init(
            method: HTTPRequest.Method, path: String, access: Access = .callers, errors: ErrorEnvelope = .native,
            isCounted: Bool? = nil,
            handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
        ) {
            (self.method, self.path, self.access, self.errors) = (method, path, access, errors)
            self.isCounted = isCounted ?? (method == .post)
            self.handler = handler
            parts = path.split(separator: "/")
        }

        /// Tells whether it is the route of a path, by its parts; in the route's own, `{…}` stands for any.
        fileprivate func matches(_ others: [Substring]) -> Bool {
            parts.count == others.count
                && zip(parts, others).allSatisfy { $0.first == "{" || $0.utf8.elementsEqual($1.utf8) }
        }

        /// The parts that are spelled out.
        fileprivate var spelledParts: Int { parts.count(where: { $0.first != "{" }) }
    }

    /// The routes as they are given, and HEAD wherever there is a GET: its answer is the same, and loses its body on its way.
    let routes: [Route]
    private let mostParts: Int
    /// The envelope of errors at paths without a route; nil for that of the API that they would belong to.
    private let fallback: ErrorEnvelope?

    /// - Parameter fallback: the envelope of errors at paths without a route; nil for that of the API that they would
    ///   belong to
    init(_ routes: [Route], fallback: ErrorEnvelope? = nil) {
        self.fallback = fallback
        self.routes =
            routes
            + routes.filter { $0.method == .get }.map {
                Route(method: .head, path: $0.path, access: $0.access, errors: $0.errors, handler: $0.handler)
            }
        mostParts = routes.map(\.parts.count).max() ?? 0
    }

    /// The methods of a path, of all paths for `*`.
    private func methods(of path: String) -> [String] {
        let methods = (path == "*" ? routes : routes(of: path)).map(\.method.rawValue)
        return methods.isEmpty ? [] : Set(methods + ["OPTIONS"]).sorted()
    }

    /// The routes of a path: as in the router, parts that are spelled out come before those that stand for any.
    private func routes(of path: String) -> [Route] {
        guard let parts = path.pathParts(atMost: mostParts) else { return [] }
        let matching = routes.filter { $0.matches(parts) }
        let most = matching.map(\.spelledParts).max()
        return matching.filter { $0.spelledParts == most }
    }

    /// Returns the envelope in which errors of a request are told, also of one to a path that does not exist.
    func errors(of request: Request) -> ErrorEnvelope {
        let path = request.uri.path
        let routes = routes(of: path)
        let route = routes.first { $0.method == request.method } ?? routes.first
        return (route?.errors ?? fallback ?? Self.errors(ofUnknown: path)).resolved(for: request)
    }

    /// The envelope of the API that a path without a route would belong to.
    private static func errors(ofUnknown path: String) -> ErrorEnvelope {
        if ["/v1/", "/openai/"].contains(where: path.hasPrefix) { return .openAI }
        return ["/v2/", "/api/"].contains(where: path.hasPrefix) ? .plain : .native
    }

    /// Returns the route of a request; nil if it has none.
    func route(of request: Request) -> Route? {
        routes(of: request.uri.path).first { $0.method == request.method }
    }

    /// Returns the path of a request's route, in which names stand for parts of any kind; nil if it has none.
    func path(of request: Request) -> String? { routes(of: request.uri.path).first?.path }

    /// The answer to OPTIONS, of a path that exists or of the server as a whole; nil for other requests.
    func answerToOptions(_ request: Request) -> Response? {
        guard request.method == .options else { return nil }
        let methods = methods(of: request.head.path == "*" ? "*" : request.uri.path)
        return methods.isEmpty ? nil : Response(status: .noContent, headers: [.allow: methods.joined(separator: ", ")])
    }

    /// The error of a request without a route: by a method that its path has not, or of a call that nobody answers; nil for
    /// that of a path that does not exist.
    func missing(_ request: Request) -> ClientError? {
        if let error = methodNotAllowed(request) { return error }
        guard case .rpc = fallback else { return nil }
        return ClientError(.notImplemented, "there is no method of this name; reflection lists those there are")
    }

    /// The error of a request to a path that exists, by a method that it has not; nil if the path does not exist.
    private func methodNotAllowed(_ request: Request) -> ClientError? {
        let allowed = methods(of: request.uri.path)
        guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else { return nil }
        let methods = allowed.joined(separator: ", ")
        return ClientError(
            .methodNotAllowed, "\(request.method.rawValue) is not possible here; possible are \(methods)",
            headers: [.allow: methods])
    }
}

extension String {
    /// What stands between the slashes of a path; nil if these are more parts than that. Takes little time for any path.
    func pathParts(atMost most: Int) -> [Substring]? {
        let parts = utf8.split(separator: UInt8(ascii: "/"), maxSplits: most)
        return parts.count > most ? nil : parts.map(Substring.init)
    }
}
