import NIOCore
import NIOHTTP1
import NIOPosix

/// What a server of a test is asked.
struct LoopbackRequest: Sendable {
    let method: String
    /// Path and query, as they were sent.
    let target: String
    let headers: HTTPHeaders

    var path: String { String(target.prefix { $0 != "?" }) }
    var authorization: String? { headers.first(name: "Authorization") }

    /// The bounds of `Range: bytes=first-last`; the last may be missing.
    var range: (first: Int, last: Int?)? {
        guard let text = headers.first(name: "Range"), text.hasPrefix("bytes=") else { return nil }
        let ends = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int(ends[0]) else { return nil }
        return (first, Int(ends[1]))
    }
}

/// What it answers.
struct LoopbackReply: Sendable {
    /// How the body ends.
    enum End: Sendable {
        /// As it was announced.
        case complete
        /// With the connection, after so many bytes.
        case drop(after: Int)
        /// Never: after the body, nothing more is sent and the connection stays.
        case silence
        /// Never: the body is followed by bytes without end.
        case endless
        /// With the connection, as HTTP/1.0 ends bodies: no length is announced.
        case close
    }

    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    var end = End.complete
    /// The length that is announced; nil for that of the body.
    var announced: Int?
}

/// A real HTTP server on a port of 127.0.0.1.
final class LoopbackServer: Sendable {
    private let channel: any Channel
    let port: Int

    /// - Parameter respond: answers a request; called on the threads of the server
    init(_ respond: @escaping @Sendable (LoopbackRequest) -> LoopbackReply) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(LoopbackHandler(respond))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// No more connections are taken.
    func stop() async { try? await channel.close() }

    deinit { channel.close(promise: nil) }
}

private final class LoopbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let respond: @Sendable (LoopbackRequest) -> LoopbackReply
    private var head: HTTPRequestHead?

    init(_ respond: @escaping @Sendable (LoopbackRequest) -> LoopbackReply) { self.respond = respond }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            let request = LoopbackRequest(method: head.method.rawValue, target: head.uri, headers: head.headers)
            write(respond(request), to: context, isHead: head.method == .HEAD)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func write(_ reply: LoopbackReply, to context: ChannelHandlerContext, isHead: Bool) {
        var version = HTTPVersion.http1_1
        var headers = HTTPHeaders(reply.headers)
        if case .close = reply.end {
            version = .http1_0
        } else if !headers.contains(name: "Content-Length") {
            let endless = if case .endless = reply.end { true } else { false }
            if endless {
                headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                headers.add(name: "Content-Length", value: "\(reply.announced ?? reply.body.count)")
            }
        }
        let head = HTTPResponseHead(
            version: version, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        guard !isHead else { return finish(context) }
        var body = reply.body[...]
        if case .drop(let count) = reply.end { body = body.prefix(count) }
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        switch reply.end {
        case .complete: finish(context)
        case .silence: context.flush()
        case .endless: more(context)
        case .drop, .close:
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer())))).whenComplete { _ in
                bound.value.close(promise: nil)
            }
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func more(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let bytes = ByteBuffer(repeating: 0x78, count: 1 << 16)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes)))).whenSuccess {
            bound.value.0.more(bound.value.1)
        }
    }
}
