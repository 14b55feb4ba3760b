import NIOCore

/// Watches the bytes of a connection: closes it when the client takes too long to receive its answers, and hands on what
/// the ``RequestHandler`` lets in, piece by piece.
package final class TransportHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = IOData
    package typealias OutboundOut = IOData

    private let requests: RequestHandler?
    private var limit: SendLimit
    private var timer: Scheduled<Void>?

    /// - Parameter requests: nil if all is let in
    package init(patience: Duration, requests: RequestHandler?) {
        limit = SendLimit(patience: TimeAmount(patience))
        self.requests = requests
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let requests else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        while let piece = requests.nextPiece(of: &bytes) { context.fireChannelRead(wrapInboundOut(piece)) }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data).readableBytes
        let promise = promise ?? context.eventLoop.makePromise()
        let eventLoop = context.eventLoop
        limit.wrote(bytes, at: eventLoop.now)
        promise.futureResult.assumeIsolated().whenSuccess { self.limit.sent(bytes, at: eventLoop.now) }
        context.write(data, promise: promise)
        watch(context)
    }

    package func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    private func watch(_ context: ChannelHandlerContext) {
        guard timer == nil, let expiry = limit.expiry else { return }
        let eventLoop = context.eventLoop
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: expiry) {
            self.timer = nil
            guard let expiry = self.limit.expiry else { return }
            if expiry <= eventLoop.now { context.close(promise: nil) } else { self.watch(context) }
        }
    }
}
