import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import PenstockHTTP
import PenstockJSON

/// A client of a server's routes, without a socket.
package struct RouterClient: Sendable {
    /// Answers a request.
    package let respond: @Sendable (Request) async throws -> Response

    /// A client of the routes of a router.
    package init(_ router: Router<ServerContext>, logger: Logger) {
        let responder = router.buildResponder()
        respond = { request in
            let source = ApplicationRequestContextSource(channel: ActiveChannel.make(), logger: logger)
            return try await responder.respond(to: request, context: ServerContext(source: source))
        }
    }

    /// An answer as a whole.
    package struct Reply: Sendable {
        /// The code.
        package let status: Int
        /// The fields before the body.
        package let headers: HTTPFields
        /// The body.
        package let bytes: [UInt8]
        /// The fields behind the body.
        package let trailers: HTTPFields

        /// The body, if it is JSON.
        package var json: JSONValue { get throws { try JSONValue(parsing: bytes) } }
        /// The body, if it is a text.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The code of the error that the body tells.
        package var errorCode: String? { get throws { try json["error"]?["code"]?.string } }
    }

    /// Sends a request and collects the whole answer.
    package func send(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields, body: RequestBody
    ) async throws -> Reply {
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        let response = try await respond(Request(head: head, body: body))
        let collector = BodyCollector()
        try await response.body.write(collector)
        return Reply(
            status: response.status.code, headers: response.headers, bytes: collector.bytes.value,
            trailers: collector.bytes.trailers)
    }
}

private struct BodyCollector: ResponseBodyWriter {
    final class Bytes {
        var value: [UInt8] = []
        var trailers: HTTPFields = [:]
    }

    let bytes = Bytes()

    mutating func write(_ buffer: ByteBuffer) async throws { bytes.value += Array(buffer.readableBytesView) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { bytes.trailers = trailingHeaders ?? [:] }
}

private enum ActiveChannel {
    /// A channel without a socket whose client is there.
    static func make() -> any Channel {
        let channel = EmbeddedChannel()
        if let address = try? SocketAddress(ipAddress: "127.0.0.1", port: 1) {
            channel.connect(to: address, promise: nil)
        }
        return channel
    }
}
