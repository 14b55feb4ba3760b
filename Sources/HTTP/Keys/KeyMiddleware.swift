import HTTPTypes
import Hummingbird
import PenstockServing

/// Lets only those in who have a key, wherever a route does not say that it is open to all, and only administrators where it is
/// for them.
struct KeyMiddleware: RouterMiddleware {
    let keys: KeyStore
    /// True if only administrators need a key.
    let isOpen: Bool
    let routes: RouteTable

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let presented = request.headers.presentedKeys
        let route = routes.route(of: request)
        let access = route?.access
        if let key = keys.key(presented: presented) {
            if access == .administrators, !key.rights.isAdministrator { throw ServingError.notAnAdministrator }
            context.notes.note { $0.key = key.name }
            // A call that only tells of the server costs nothing that is scarce.
            if route?.isCounted ?? (request.method == .post) { try key.caller.takeRequest() }
            context.caller = key.caller
            context.logger[metadataKey: "key"] = "\(key.name)"
        } else if access == .administrators || access != .everybody && !isOpen {
            throw presented.isEmpty ? ClientError.keyMissing : .keyUnknown
        }
        return try await next(request, context)
    }
}

extension ServingError {
    fileprivate static let notAnAdministrator = ServingError(
        .modelForbidden, "the API key is not that of an administrator")
}

extension ClientError {
    /// RFC 6750, 3: without a key the challenge tells no error.
    fileprivate static let keyMissing = ClientError(
        .invalidAPIKey, "an API key is needed; send it as Authorization: Bearer KEY",
        headers: [.wwwAuthenticate: #"Bearer realm="penstock""#])

    fileprivate static let keyUnknown = ClientError(
        .invalidAPIKey, "the API key is not known; send another one as Authorization: Bearer KEY",
        headers: [.wwwAuthenticate: #"Bearer realm="penstock", error="invalid_token""#])
}
