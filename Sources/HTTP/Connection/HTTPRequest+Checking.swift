import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPRequest {
    /// - Throws: ``ClientError`` for a method or a target that HTTP does not have.
    init(checking head: HTTPRequestHead) throws(ClientError) {
        do {
            self = try HTTPRequest(head, secure: false, splitCookie: false)
        } catch {
            throw ClientError(.malformedRequest, "the request line is no HTTP")
        }
    }
}

extension ClientError {
    /// The client closed the connection in the middle of its request; nobody sees the answer.
    static let gone = ClientError(.clientGone, "the client closed the connection before its request was here")

    static let headTooLarge = ClientError(.headTooLarge, "the head of the request has too many bytes or fields")

    static let bareLine = ClientError(.malformedRequest, "the lines of a request's head have to end with CR and LF")

    static func bodyTooLarge(_ maxBodyBytes: Int) -> ClientError {
        ClientError(
            .bodyTooLarge, "the request body has more than \(maxBodyBytes) bytes", headers: [.connection: "close"])
    }

    /// The error of what the decoder could not read.
    init(_ error: HTTPParserError, inBody: Bool) {
        switch error {
        case .headerOverflow where !inBody: self = .headTooLarge
        // The decoder pauses at the preface of HTTP/2.
        case .invalidVersion, .paused:
            self.init(.versionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        case .invalidContentLength where !inBody:
            self.init(
                .malformedRequest,
                "the Content-Length is no number of bytes, far too large a one, or beside a Transfer-Encoding")
        case _ where inBody: self.init(.malformedRequest, "the body's chunks or trailers are no HTTP")
        // The decoder has no name for what contradicts itself about where the body ends.
        case .unknown:
            self.init(.malformedRequest, "the head has a Transfer-Encoding that ends with chunked, or a Content-Length")
        default: self.init(.malformedRequest, "the request is no HTTP: \(error.debugDescription)")
        }
    }
}
