import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL
import PenstockHTTP

/// One connection without a socket, in a time that only the test advances.
final class FakeConnection {
    let channel = EmbeddedChannel()
    private let rules: ConnectionRules
    let table = ConnectionTable(limit: 8)
    let inFlight = InFlightCount()

    /// - Parameters:
    ///   - tls: nil for a connection without TLS
    ///   - neighbour: a connection of the same server
    init(
        allowedOrigins: [AllowedOrigin] = [], tls: NIOSSLContext? = nil, neighbour: FakeConnection? = nil,
        countRefusal: @escaping @Sendable (ClientError) -> Void = { _ in }
    ) throws {
        let state = ConnectionState(channel)
        rules =
            neighbour?.rules
            ?? ConnectionRules(
                table: table, inFlight: inFlight, maxBodyBytes: 100, headTimeout: .seconds(15),
                idleTimeout: .seconds(45), sendTimeout: .seconds(30), allowedOrigins: allowedOrigins,
                countRefusal: countRefusal)
        let requests = RequestHandler(state, rules)
        var ticks = 0
        let turns = InputTurns(on: channel.eventLoop) {
            ticks += 1
            return ticks
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandlers([
            TransportHandler(patience: .seconds(30), requests: requests, turns: turns), HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder()), requests,
        ])
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    var isOpen: Bool { channel.isActive }

    func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    /// - Parameter closes: whoever answers wants the connection to end.
    func answer(_ body: String = "ok", closes: Bool = false) throws {
        var head = HTTPResponse(status: .ok, headerFields: [.contentLength: "\(body.utf8.count)"])
        if closes { head.headerFields[.connection] = "close" }
        try channel.writeOutbound(HTTPResponsePart.head(head))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: body)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// Writes an answer that the client does not take yet.
    func answerUnsent(_ body: String) {
        let head = HTTPResponsePart.head(.init(status: .ok, headerFields: [.contentLength: "\(body.utf8.count)"]))
        channel.write(head, promise: nil)
        channel.write(HTTPResponsePart.body(ByteBuffer(string: body)), promise: nil)
        channel.write(HTTPResponsePart.end(nil), promise: nil)
    }

    /// What was let in since the last time: a request's method and target, the bytes of its body, and its end, a line each.
    var received: String {
        get throws {
            var text = ""
            while let part = try channel.readInbound(as: HTTPRequestPart.self) {
                switch part {
                case .head(let request): text += "\(request.method.rawValue) \(request.path ?? "")\n"
                case .body(let bytes): text += String(buffer: bytes)
                case .end: text += "\nend\n"
                }
            }
            return text
        }
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// All that was sent since the last time.
    var sent: String {
        get throws {
            var text = ""
            while let data = try channel.readOutbound(as: IOData.self) {
                if case .byteBuffer(let bytes) = data { text += String(buffer: bytes) }
            }
            return text
        }
    }
}
