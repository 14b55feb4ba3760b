import NIOCore

/// Watches the bytes of a connection: closes it when the client takes too long to receive its answers, and tells the
/// ``RequestHandler`` what arrives.
final class TransportHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let requests: RequestHandler
    private var limit: SendLimit
    private var timer: Scheduled<Void>?

    init(patience: Duration, requests: RequestHandler) {
        limit = SendLimit(patience: patience)
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard requests.takes(bytes: unwrapInboundIn(data).readableBytes) else { return }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data).readableBytes
        let promise = promise ?? context.eventLoop.makePromise()
        limit.wrote(bytes, at: .now)
        promise.futureResult.assumeIsolated().whenSuccess { self.limit.sent(bytes, at: .now) }
        context.write(data, promise: promise)
        watch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    private func watch(_ context: ChannelHandlerContext) {
        guard timer == nil, let expiry = limit.expiry else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .until(expiry)) {
            self.timer = nil
            guard let expiry = self.limit.expiry else { return }
            if expiry <= .now { context.close(promise: nil) } else { self.watch(context) }
        }
    }
}

extension TimeAmount {
    static func until(_ instant: ContinuousClock.Instant) -> TimeAmount { TimeAmount(max(.zero, instant - .now)) }
}
