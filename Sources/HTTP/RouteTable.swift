import HTTPTypes
import Hummingbird

/// The routes of all APIs, as data: the router is built from it, and it knows which methods a path has.
struct RouteTable: Sendable {
    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let handler: @Sendable (Request, ServerContext) async throws -> Response
    }

    let routes: [Route]

    /// The error of a request to a path that exists, by a method that it has not; nil if the path does not exist.
    func methodNotAllowed(_ request: Request) -> ClientError? {
        let allowed = routes.filter { $0.path == request.uri.path }.map(\.method.rawValue)
        guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else { return nil }
        let methods = allowed.joined(separator: ", ")
        return ClientError(
            .methodNotAllowed, "\(request.method.rawValue) is not possible here; \(request.uri.path) takes \(methods)",
            headers: [.allow: methods])
    }
}
