import NIOCore
import NIOHTTP2

/// Keeps a connection of HTTP/2 to its times, and tells the table of connections when it is idle: when it has no stream.
package final class HTTP2Connection: ChannelInboundHandler {
    package typealias InboundIn = HTTP2Frame

    private let connection: ConnectionState
    private let rules: ConnectionRules
    private var streams = 0
    private var isEnding = false
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    package init(_ connection: ConnectionState, _ rules: ConnectionRules) {
        (self.connection, self.rules) = (connection, rules)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        rules.table.add(connection)
        expectStream()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    package func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        connection.clientHasLeft()
        rules.table.remove(connection)
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // RFC 9113, 5.4.2: what is wrong with a stream, which is reset, is not the end of the others.
        guard !MalformedRequest.isCause(of: error) else { return }
        context.close(promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isEnding = true
            if streams == 0 { expectStream() }
        case ChannelEvent.inputClosed:
            // A client that closes waits for no answers, and streams whose requests are not complete would wait for long.
            context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func streamBegan() {
        timer?.cancel()
        if streams == 0 { connection.beginSpell() }
        streams += 1
    }

    package func streamEnded() {
        streams -= 1
        guard streams == 0, context != nil else { return }
        connection.beginSpell()
        rules.table.noteIdle(connection)
        expectStream()
    }

    /// Ends the connection if there is no stream for a while: tells the client so, and closes it a little later.
    private func expectStream() {
        timer?.cancel()
        let time = isEnding ? ConnectionRules.farewell : rules.idleTimeout
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            guard !self.isEnding else { self.context?.close(promise: nil); return }
            self.context?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Counts streams, and tells the one who says goodbye to clients of them.
    struct Streams: NIOHTTP2StreamDelegate {
        private let counter: NIOLoopBound<HTTP2Connection>
        private let management: NIOHTTP2ServerConnectionManagementHandler.HTTP2StreamDelegate

        init(
            _ counter: HTTP2Connection, _ management: NIOHTTP2ServerConnectionManagementHandler,
            on eventLoop: any EventLoop
        ) {
            self.counter = NIOLoopBound(counter, eventLoop: eventLoop)
            self.management = management.http2StreamDelegate
        }

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
            management.streamCreated(id, channel: channel)
            counter.value.streamBegan()
        }

        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
            management.streamClosed(id, channel: channel)
            counter.value.streamEnded()
        }
    }
}
