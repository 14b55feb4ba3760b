import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// Between the HTTP decoder and those who answer: refuses what is no proper request, sees that heads and idle connections
/// keep to their time, and closes a connection so that its last answer arrives.
package final class RequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// Bytes that may come without making a part of a request: of a head, of the frames and trailers of a body.
    private static let mostBytesBetweenParts = 128 << 10
    private static let mostRequestLineBytes = 64 << 10
    /// Requests that are taken before the first of them is answered.
    private static let mostExchanges = 16

    private let connection: ConnectionState
    private let rules: ConnectionRules
    private var exchanges = Exchanges()
    private var framing = RequestFraming()
    /// Bytes of a head, of frames or of trailers that the decoder made no part of yet.
    private var bytesSincePart = 0
    /// Bytes that the client sends further are not read: an error says so, or has said so.
    private var hasRefused = false
    private var lingering: Lingering?
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    package init(_ connection: ConnectionState, _ rules: ConnectionRules) {
        self.connection = connection
        self.rules = rules
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        rules.table.add(connection)
        expectHead(within: rules.headTimeout)
    }

    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    package func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        lingering?.stop()
        lingering = nil
        connection.clientHasLeft()
        rules.table.remove(connection)
        for _ in 0..<exchanges.abandon() { rules.inFlight.leave() }
        context.fireChannelInactive()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        lingering?.readInTurn(context)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            connection.clientHasLeft()
            context.fireUserInboundEventTriggered(event)
        case is ChannelShouldQuiesceEvent:
            guard exchanges.end() else { return expectHead(within: min(rules.headTimeout, ConnectionRules.farewell)) }
            if exchanges.isEmpty { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Requests

    /// What is to be read next from what came from the client.
    enum Input {
        case piece(ByteBuffer)
        /// Something, once an answer is written.
        case later
        /// None of what is there.
        case nothing
    }

    /// Takes the next piece that is to be read from what came from the client.
    func nextPiece(of bytes: inout ByteBuffer) -> Input {
        switch exchanges.phase {
        case .lingering:
            if lingering?.discard(bytes.readableBytes) == false { context?.close(promise: nil) }
            return .nothing
        case .finishing where !exchanges.isReceiving: return .nothing
        case .finishing, .open: if hasRefused { return .nothing }
        }
        if framing.isBetweenRequests, exchanges.unanswered >= Self.mostExchanges { return .later }
        let isData = framing.isInData
        guard let piece = framing.piece(of: &bytes) else { return .nothing }
        guard !isData else { return .piece(piece) }
        if exchanges.isEmpty, bytesSincePart == 0 { expectHead(within: rules.headTimeout) }
        bytesSincePart += piece.readableBytes
        guard let error = excess else { return .piece(piece) }
        refuse(error)
        return .nothing
    }

    /// The error of the size of the request that is being received; nil if there is none.
    private var excess: ClientError? {
        if exchanges.isReceiving {
            if framing.chunkBytes > rules.maxBodyBytes { return .bodyTooLarge(rules.maxBodyBytes) }
            guard bytesSincePart > Self.mostBytesBetweenParts else { return nil }
            return ClientError(.malformedRequest, "the body's chunks and trailers have too many bytes beside it")
        }
        if framing.requestLineBytes > Self.mostRequestLineBytes {
            return ClientError(.uriTooLong, "the request line has more than \(Self.mostRequestLineBytes) bytes")
        }
        return bytesSincePart > Self.mostBytesBetweenParts ? .headTooLarge : nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytesSincePart = 0
        guard case .open = exchanges.phase else { return readTheRest(context, unwrapInboundIn(data)) }
        switch unwrapInboundIn(data) {
        case .head(let head):
            do throws(ClientError) {
                try head.check()
                let request = try HTTPRequest(checking: head)
                begin(head, context)
                context.fireChannelRead(wrapInboundOut(.head(request)))
            } catch {
                refuse(error, origin: head.headers["origin"].first)
            }
        case .body(let bytes): receive(bytes, context)
        case .end: endReceiving(context)
        }
    }

    /// A connection that takes no more requests still receives the last one's body.
    private func readTheRest(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
        guard exchanges.isReceiving, case .finishing(refusal: nil) = exchanges.phase else { return }
        switch part {
        case .head: return
        case .body(let bytes): receive(bytes, context)
        case .end: endReceiving(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        if exchanges.isEmpty { connection.beginSpell() }
        rules.inFlight.enter()
        framing.beginBody(of: head)
        exchanges.begin(head, awaitsContinue: head.awaitsContinue(atMost: rules.maxBodyBytes))
        askForBody(context)
    }

    /// Tells the client of the request that is answered next to send its body, if it waits for that.
    private func askForBody(_ context: ChannelHandlerContext) {
        guard exchanges.takeContinue() else { return }
        context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        exchanges.receive()
        context.fireChannelRead(wrapInboundOut(.body(bytes)))
    }

    private func endReceiving(_ context: ChannelHandlerContext) {
        framing.endBody()
        exchanges.endReceiving()
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // TLS that is broken ends the connection by itself.
        if error is NIOSSLError || error is BoringSSLError { return clientHasLeft(context) }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard error != .invalidEOFState else { return clientHasLeft(context) }
        let isBareLine = error == .invalidVersion && framing.requestLineEndsBare
        refuse(isBareLine ? .bareLine : ClientError(error, inBody: exchanges.isReceiving))
    }

    private func clientHasLeft(_ context: ChannelHandlerContext) {
        connection.clientHasLeft()
        if exchanges.isReceiving { context.fireErrorCaught(ClientError.gone) }
    }

    /// Ends the connection because of what the client sent: once the requests before it are answered, with an answer that
    /// says what was wrong.
    ///
    /// - Parameter origin: the origin whose page sent it, if that is known.
    private func refuse(_ error: ClientError, origin: String? = nil) {
        guard let context, !hasRefused else { return }
        if exchanges.isReceiving {
            hasRefused = true
            // The one who reads the body answers.
            exchanges.finish()
            context.fireErrorCaught(error)
        } else if case .open = exchanges.phase {
            hasRefused = true
            var error = error
            error.headers.append(contentsOf: rules.crossOrigin.fields(for: origin))
            exchanges.finish(with: error)
            if exchanges.isEmpty { finish(context) }
        }
    }

    // MARK: Answers

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let response):
            var head = HTTPResponseHead(response)
            if response.status.kind != .informational {
                let closes = head.headers[canonicalForm: "connection"].contains("close")
                // Clients read nothing behind an answer that closes, so only the last one says so.
                head.headers.remove(name: "Connection")
                if let option = exchanges.beginAnswer(closes: closes) {
                    head.headers.add(name: "Connection", value: option)
                }
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            guard exchanges.answerHasBody else { return promise?.succeed(()) ?? () }
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end:
            let sent = promise ?? context.eventLoop.makePromise()
            sent.futureResult.assumeIsolated().whenComplete { _ in self.answerIsSent(context) }
            exchanges.endAnswer()
            context.write(wrapOutboundOut(.end(nil)), promise: sent)
            askForBody(context)
        }
    }

    private func answerIsSent(_ context: ChannelHandlerContext) {
        guard exchanges.answerIsSent() else { return }
        rules.inFlight.leave()
        guard exchanges.isEmpty else { return }
        connection.beginSpell()
        if case .open = exchanges.phase {
            rules.table.noteIdle(connection)
            expectHead(within: bytesSincePart == 0 ? rules.idleTimeout : rules.headTimeout)
        } else {
            finish(context)
        }
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { startLingering(context) }
        context.close(mode: mode, promise: promise)
    }

    /// Says what could not be read, if anything, and closes the connection for requests.
    private func finish(_ context: ChannelHandlerContext) {
        if case .finishing(let refusal?) = exchanges.phase {
            rules.countRefusal(refusal)
            let (head, body) = ErrorResponse(refusal, exposesErrors: false).parts
            context.write(wrapOutboundOut(.head(HTTPResponseHead(head))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        startLingering(context)
        context.close(mode: .output, promise: nil)
        // Whoever waits for the next request learns that there is none.
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Waits a little for the client to close: if the server did while more comes in, the answer could be lost on its way.
    private func startLingering(_ context: ChannelHandlerContext) {
        if case .lingering = exchanges.phase { return }
        exchanges.linger()
        lingering = Lingering(rules)
        // Nobody else reads any more, and a client that finds no room for its body does not come to read its answer.
        context.read()
        schedule(in: Lingering.time) { context.close(promise: nil) }
    }

    // MARK: Time

    private func expectHead(within time: Duration) {
        schedule(in: time) {
            guard self.bytesSincePart > 0 else { self.context?.close(promise: nil); return }
            self.refuse(ClientError(.headTimeout, "the head of the request did not come in time"))
        }
    }

    private func schedule(in time: Duration, _ action: @escaping () -> Void) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time), action)
    }
}
