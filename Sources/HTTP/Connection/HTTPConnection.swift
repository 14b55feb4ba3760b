import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2
import NIOSSL
import NIOTLS

/// A channel handler that sets up connections and serves them.
struct HTTPConnection: HTTPChannelHandler {
    /// A connection of HTTP/1, or a stream of HTTP/2.
    struct Exchange: Sendable {
        let asyncChannel: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let state: ConnectionState
    }

    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<Exchange>
    typealias Negotiated = NIONegotiatedHTTPVersion<Exchange, Streams>

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Known at once without TLS, and else when the handshake is over.
        let negotiated: EventLoopFuture<Negotiated>
    }

    /// The protocols that are offered in a TLS handshake.
    static let applicationProtocols = ["h2", "http/1.1"]

    let responder: Responder
    let rules: ConnectionRules
    let turns: LoopTurns
    /// Nil for connections without TLS.
    let tls: NIOSSLContext?
    /// True if clients know that HTTP/2 is spoken, and begin with it: RFC 9113, 3.3.
    var isHTTP2Only = false

    // MARK: Setting up

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard let tls else {
                let exchange: Negotiated =
                    isHTTP2Only ? .http2(try setUpHTTP2(channel)) : .http1_1(try setUpHTTP1(channel))
                return Value(channel: channel, negotiated: channel.eventLoop.makeSucceededFuture(exchange))
            }
            let pipeline = channel.pipeline.syncOperations
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result in
                channel.eventLoop.makeCompletedFuture {
                    if case .negotiated("h2") = result { return .http2(try setUpHTTP2(channel)) }
                    return isHTTP2Only ? .http2(try setUpHTTP2(channel)) : .http1_1(try setUpHTTP1(channel))
                }
            }
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
            try pipeline.addHandler(HandshakeLimit(rules.headTimeout))
            try pipeline.addHandler(negotiation)
            return Value(channel: channel, negotiated: negotiation.protocolNegotiationResult)
        }
    }

    private func setUpHTTP1(_ channel: any Channel) throws -> Exchange {
        let state = ConnectionState(channel)
        let requests = RequestHandler(state, rules)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            TransportHandler(patience: rules.sendTimeout, requests: requests, turns: turns[channel.eventLoop]))
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        try pipeline.addHandler(requests)
        return try Exchange(
            asyncChannel: NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)),
            state: state)
    }

    private func setUpHTTP2(_ channel: any Channel) throws -> Streams {
        let pipeline = channel.pipeline.syncOperations
        let connection = HTTP2Connection(ConnectionState(channel), rules)
        // Streams that are open when clients are told to go on elsewhere have times of their own.
        let management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(maxIdleTime: nil, maxAge: nil, maxGraceTime: nil, keepalive: nil))
        try pipeline.addHandler(
            TransportHandler(patience: rules.sendTimeout, requests: nil, turns: turns[channel.eventLoop]))
        let streams = try pipeline.configureAsyncHTTP2Pipeline(
            mode: .server, streamDelegate: HTTP2Connection.Streams(connection, management, on: channel.eventLoop),
            configuration: FrameLimits.configuration
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let state = ConnectionState(stream)
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                try pipeline.addHandler(StreamHandler(state, rules))
                return try Exchange(asyncChannel: NIOAsyncChannel(wrappingChannelSynchronously: stream), state: state)
            }
        }
        try pipeline.addHandler(management)
        try pipeline.addHandler(connection)
        return streams
    }

    // MARK: Serving

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            do {
                switch try await value.negotiated.get() {
                case .http1_1(let exchange): await serve(exchange, logger)
                case .http2(let streams):
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await stream in streams.inbound { group.addTask { await serve(stream, logger) } }
                    }
                }
            } catch {
                logger.debug("a connection ended: \(error)")
            }
        }
    }

    private func serve(_ exchange: Exchange, _ logger: Logger) async {
        await ConnectionState.$current.withValue(exchange.state) {
            await handleHTTP(asyncChannel: exchange.asyncChannel, logger: logger)
        }
    }
}
