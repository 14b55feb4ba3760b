import NIOCore

/// Watches the bytes of a connection: closes it when the client takes too long to receive its answers, and hands on what
/// the ``RequestHandler`` lets in, piece by piece. When there are many, the rest waits for its turn, and the client with it.
package final class TransportHandler: ChannelDuplexHandler, RemovableChannelHandler, InputTurns.Holder {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = IOData
    package typealias OutboundOut = IOData

    /// Pieces of one turn.
    private static let piecesAtOnce = 32
    /// Bytes of a piece where nobody knows what is in them.
    private static let pieceBytes = 8 << 10

    private let requests: RequestHandler?
    private let turns: InputTurns
    private var limit: SendLimit
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    /// What came and is not handed on.
    private var held = ByteBuffer()
    private var waitsForTurn = false
    /// The next request is handed on when one of those before it is answered.
    private var waitsForAnswer = false
    /// Somebody wants to read, and does when nothing is held any more.
    private var isReadHeld = false

    /// - Parameters:
    ///   - requests: decides what is handed on; nil if all is
    ///   - turns: those of the connection's event loop
    package init(patience: Duration, requests: RequestHandler?, turns: InputTurns) {
        limit = SendLimit(patience: TimeAmount(patience))
        (self.requests, self.turns) = (requests, turns)
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        drop()
        self.context = nil
    }

    // MARK: Input

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if held.readableBytes > 0 { held.writeBuffer(&bytes) } else { held = bytes }
        if !waitsForTurn, !waitsForAnswer { handOn(context) }
    }

    package func read(context: ChannelHandlerContext) {
        if held.readableBytes > 0 { isReadHeld = true } else { context.read() }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who closes waits for no answers, and nothing may come behind the end.
        if case ChannelEvent.inputClosed = event { drop() }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        drop()
        context.fireChannelInactive()
    }

    func takeTurn() {
        waitsForTurn = false
        guard let context, held.readableBytes > 0 else { return }
        handOn(context)
        context.fireChannelReadComplete()
        guard held.readableBytes == 0, isReadHeld else { return }
        isReadHeld = false
        context.read()
    }

    private func handOn(_ context: ChannelHandlerContext) {
        for _ in 0..<(requests == nil ? 1 : Self.piecesAtOnce) {
            // Who gets a piece may close the connection, and so drop the rest.
            var rest = held
            let next = nextPiece(of: &rest)
            held = rest
            switch next {
            case .piece(let piece): context.fireChannelRead(wrapInboundOut(piece))
            case .later:
                waitsForAnswer = true
                return
            case .nothing: return drop()
            }
            guard held.readableBytes > 0 else { return }
        }
        waitForTurn()
    }

    private func nextPiece(of bytes: inout ByteBuffer) -> RequestHandler.Input {
        if let requests { return requests.nextPiece(of: &bytes) }
        guard let piece = bytes.readSlice(length: min(Self.pieceBytes, bytes.readableBytes)) else { return .nothing }
        return .piece(piece)
    }

    private func waitForTurn() {
        guard !waitsForTurn else { return }
        waitsForTurn = true
        turns.append(self)
    }

    private func drop() {
        held = ByteBuffer()
        waitsForAnswer = false
    }

    // MARK: Output

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data).readableBytes
        let promise = promise ?? context.eventLoop.makePromise()
        let eventLoop = context.eventLoop
        limit.wrote(bytes, at: eventLoop.now)
        promise.futureResult.assumeIsolated().whenSuccess { self.limit.sent(bytes, at: eventLoop.now) }
        context.write(data, promise: promise)
        watch(context)
        guard waitsForAnswer else { return }
        waitsForAnswer = false
        waitForTurn()
    }

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
