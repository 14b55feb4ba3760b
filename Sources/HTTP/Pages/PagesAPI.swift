import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /docs`: the description of the server, to read. `GET /ui`: a page on which models can be tried. Neither has anything of
/// a model, so they need no key; what they ask of the server does.
struct PagesAPI: Sendable {
    /// True if there is a page on which models can be tried.
    let hasPlayground: Bool

    var routes: [RouteTable.Route] {
        (Page.documentation + Page.shared + (hasPlayground ? Page.playground : [])).map { page in
            let body = ByteBuffer(string: page.text)
            return RouteTable.Route(method: .get, path: page.path, access: .everybody) { request, _ in
                // Addresses in a page are relative to its own, which has no slash at its end.
                if request.uri.path.hasSuffix("/") { return Self.redirect(to: page.path) }
                return Response(
                    status: .ok, headers: [.contentType: page.type, .contentSecurityPolicy: Self.policy],
                    body: ResponseBody(byteBuffer: body))
            }
        }
    }

    /// Nothing but scripts, styles and answers of this server.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'
        """

    /// An answer that leads from a path with a slash at its end to the one without, wherever that is.
    private static func redirect(to path: String) -> Response {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return Response(status: .permanentRedirect, headers: [.location: "../\(name)"])
    }
}
