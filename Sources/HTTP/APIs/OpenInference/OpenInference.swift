import Hummingbird
import PenstockServing

/// The names that all routes of the Open Inference Protocol share (<https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol>).
enum OpenInference {
    /// The version that every model has.
    static let version = "1"

    /// The routes of a model, with and without its version in the path.
    ///
    /// - Parameter ending: what follows the model
    static func routes(
        _ method: HTTPRequest.Method, ending: String = "",
        handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) -> [RouteTable.Route] {
        ["", "/versions/{version}"].flatMap { version in
            ModelPath.routes(method, after: "/v2/models", ending: version + ending, errors: .plain) {
                request, context in
                try checkVersion(in: request)
                return try await handler(request, context)
            }
        }
    }

    private static func checkVersion(in request: Request) throws(ClientError) {
        if let asked = ModelPath.version(in: request.uri.path) { try check(version: String(asked)) }
    }

    /// - Throws: ``ClientError`` for a version that no model has.
    static func check(version asked: String) throws(ClientError) {
        guard asked != version else { return }
        throw ClientError(
            .notFound, "the model has no version \(asked.excerpt); it has one, \(version), which can be left out")
    }
}

extension RouteTable.Route {
    /// The same route under the name that KServe has for it, which keeps those of OpenAI apart from its own; nil for one that
    /// is not below `/v1`.
    var asOfKServe: RouteTable.Route? {
        guard path.hasPrefix("/v1/") else { return nil }
        return RouteTable.Route(
            method: method, path: "/openai" + path, access: access, errors: errors, handler: handler)
    }
}
