import HTTPTypes
import Hummingbird

/// Lets browsers hand the server's answers to pages of other origins: the CORS protocol of the Fetch standard.
///
/// Without an allowed origin it adds nothing.
struct CrossOrigin: Sendable {
    /// The headers that a page may read beside those that every page may.
    private static let exposed = "X-Request-Id, Server-Timing, Retry-After"
    /// Seconds for which a browser need not ask again.
    private static let maxAge = "600"
    /// Bytes of the longest list of fields that is allowed.
    private static let mostListBytes = 2048

    private let allowed: Set<AllowedOrigin>

    init(_ allowed: [AllowedOrigin]) { self.allowed = Set(allowed) }

    /// The fields of an answer to a page.
    ///
    /// - Parameter origin: the page's origin; nil if it is not known.
    func fields(for origin: String?) -> HTTPFields {
        guard !allowed.isEmpty else { return [:] }
        var fields: HTTPFields = [.vary: "Origin"]
        if allowed.contains(.any) {
            fields[.accessControlAllowOrigin] = "*"
        } else if let origin, allowed.contains(.origin(origin)) {
            fields[.accessControlAllowOrigin] = origin
        } else {
            return fields
        }
        fields[.accessControlExposeHeaders] = Self.exposed
        return fields
    }

    /// Adds to an answer what the page needs that sent the request, or the browser that asks for the page beforehand.
    func complete(_ response: inout Response, to request: Request) {
        let origin = request.headers[.origin]
        let fields = fields(for: origin)
        response.headers.append(contentsOf: fields)
        guard fields.contains(.accessControlAllowOrigin), origin != nil, request.method == .options,
            request.headers.contains(.accessControlRequestMethod), let methods = response.headers[.allow]
        else { return }
        response.headers[.accessControlAllowMethods] = methods
        response.headers[.accessControlMaxAge] = Self.maxAge
        if let names = request.headers[.accessControlRequestHeaders], Self.isListOfNames(names) {
            response.headers[.accessControlAllowHeaders] = names
        }
    }

    private static func isListOfNames(_ text: String) -> Bool {
        text.utf8.count <= mostListBytes
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~, ".utf8.contains(byte)
                }
            }
    }
}
