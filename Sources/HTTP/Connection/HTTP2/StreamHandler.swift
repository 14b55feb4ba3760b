import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP2

/// One request of HTTP/2 and its answer: what ``RequestHandler`` is for those of HTTP/1.
package final class StreamHandler: ChannelDuplexHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private let stream: ConnectionState
    private let rules: ConnectionRules
    private var limit: SendLimit
    private var timer: Scheduled<Void>?
    private var isInFlight = false
    private var isReceived = false
    private var answerHasBody = true

    package init(_ stream: ConnectionState, _ rules: ConnectionRules) {
        (self.stream, self.rules) = (stream, rules)
        limit = SendLimit(patience: TimeAmount(rules.sendTimeout))
    }

    package func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        stream.clientHasLeft()
        leave()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        stream.clientHasLeft()
        context.fireErrorCaught(ClientError.gone)
        context.close(promise: nil)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let request):
            isInFlight = true
            rules.inFlight.enter()
            answerHasBody = request.method != .head
            do throws(ClientError) {
                try request.checkStream()
            } catch {
                return refuse(error, to: request, context)
            }
            context.fireChannelRead(data)
            if request.awaitsContinue(atMost: rules.maxBodyBytes) {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body: context.fireChannelRead(data)
        case .end:
            isReceived = true
            context.fireChannelRead(data)
        }
    }

    private func refuse(_ error: ClientError, to request: HTTPRequest, _ context: ChannelHandlerContext) {
        rules.countRefusal(error)
        var error = error
        error.headers.append(contentsOf: rules.crossOrigin.fields(for: request.headerFields[.origin]))
        let failure = ErrorResponse(error, exposesErrors: false)
        let (head, body) = failure.parts
        let parts = [HTTPResponsePart.head(head), .body(body), .end(nil)]
        for part in request.headerFields.areOfCall ? failure.partsOfCall : parts {
            write(context: context, data: wrapOutboundOut(part), promise: nil)
        }
        context.flush()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var response):
            // RFC 9113, 8.2.2: HTTP/2 has no fields of connections.
            for name in [HTTPField.Name.connection, .transferEncoding, .upgrade] { response.headerFields[name] = nil }
            context.write(wrapOutboundOut(.head(response)), promise: promise)
            if rules.isLeaving() { sayGoodbye(context) }
        case .body(let bytes):
            guard answerHasBody else { return promise?.succeed(()) ?? () }
            let sent = promise ?? context.eventLoop.makePromise()
            let (count, eventLoop) = (bytes.readableBytes, context.eventLoop)
            limit.wrote(count, at: eventLoop.now)
            sent.futureResult.assumeIsolated().whenSuccess { self.limit.sent(count, at: eventLoop.now) }
            context.write(data, promise: sent)
            watch(context)
        case .end:
            let sent = promise ?? context.eventLoop.makePromise()
            sent.futureResult.assumeIsolated().whenComplete { _ in self.answerIsSent(context) }
            context.write(data, promise: sent)
        }
    }

    /// Tells the client, as `Connection: close` does in HTTP/1, that its next requests belong to another connection.
    /// Those that this one has go on: RFC 9113, 6.8.
    private func sayGoodbye(_ context: ChannelHandlerContext) {
        guard let connection = context.channel.parent else { return }
        // Not amid the frame that is being written.
        connection.eventLoop.execute {
            connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    private func answerIsSent(_ context: ChannelHandlerContext) {
        leave()
        guard !isReceived else { return }
        // RFC 9113, 8.1: the client need not send the rest.
        context.triggerUserOutboundEvent(NIOHTTP2FramePayloadToHTTPEvent.reset(code: .noError), promise: nil)
    }

    private func leave() {
        guard isInFlight else { return }
        isInFlight = false
        rules.inFlight.leave()
    }

    /// Ends the stream of a client that takes too long to receive its answer.
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

extension HTTPRequest {
    /// - Throws: ``ClientError`` for what cannot be met.
    fileprivate func checkStream() throws(ClientError) {
        if method == .connect { throw ClientError(.notImplemented, "CONNECT is not possible here") }
        try path?.checkTarget()
        guard path?.first == "/" || path == "*" && method == .options else {
            throw ClientError(.malformedRequest, "the path of a request has to begin with a slash")
        }
        if let expectation = headerFields[.expect], expectation.lowercased() != "100-continue" {
            throw ClientError(.expectationFailed, "no expectation but 100-continue can be met")
        }
    }

    /// Tells whether the client waits to be told that its body may come, and the body has no more bytes than it may
    /// have.
    fileprivate func awaitsContinue(atMost maxBodyBytes: Int) -> Bool {
        guard headerFields.contains(.expect) else { return false }
        return headerFields[.contentLength].map { 1...maxBodyBytes ~= Int($0) ?? 0 } ?? true
    }
}
