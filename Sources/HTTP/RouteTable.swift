import HTTPTypes
import Hummingbird

/// The routes of all APIs, as data: the router is built from it, and it knows which methods a path has.
struct RouteTable: Sendable {
    struct Route: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let handler: @Sendable (Request, ServerContext) async throws -> Response

        /// Parts of the path that stand for themselves.
        var literals: Int { path.split(separator: "/").count { $0.first != "{" } }

        /// Whether it is the route of a path; in the route's own, `{…}` stands for any part.
        func matches(_ other: String) -> Bool {
            let (parts, others) = (path.split(separator: "/"), other.split(separator: "/"))
            return parts.count == others.count
                && zip(parts, others).allSatisfy { $0.first == "{" || $0 == $1 }
        }
    }

    /// The routes as they are given, and HEAD wherever there is a GET: its answer is the same, and loses its body on its way.
    let routes: [Route]

    init(_ routes: [Route]) {
        self.routes =
            routes
            + routes.filter { $0.method == .get }.map { Route(method: .head, path: $0.path, handler: $0.handler) }
    }

    /// The methods of a path, of all paths for `*`.
    private func methods(of path: String) -> [String] {
        let found = routes.filter { path == "*" || $0.matches(path) }
        // As the router has it: what is named goes before what stands for any part.
        let literals = found.map(\.literals).max()
        let methods = found.filter { path == "*" || $0.literals == literals }.map(\.method.rawValue)
        return methods.isEmpty ? [] : Set(methods + ["OPTIONS"]).sorted()
    }

    /// The answer to OPTIONS, of a path that exists or of the server as a whole; nil for other requests.
    func answerToOptions(_ request: Request) -> Response? {
        guard request.method == .options else { return nil }
        let methods = methods(of: request.head.path == "*" ? "*" : request.uri.path)
        return methods.isEmpty ? nil : Response(status: .noContent, headers: [.allow: methods.joined(separator: ", ")])
    }

    /// The error of a request to a path that exists, by a method that it has not; nil if the path does not exist.
    func methodNotAllowed(_ request: Request) -> ClientError? {
        let allowed = methods(of: request.uri.path)
        guard !allowed.isEmpty, !allowed.contains(request.method.rawValue) else { return nil }
        let methods = allowed.joined(separator: ", ")
        return ClientError(
            .methodNotAllowed, "\(request.method.rawValue) is not possible here; possible are \(methods)",
            headers: [.allow: methods])
    }
}
