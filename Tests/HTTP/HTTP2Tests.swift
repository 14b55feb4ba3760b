import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP2
import NIOHTTPTypes
import PenstockHTTP
import Testing

/// A stream of HTTP/2 without frames, in a time that only the test advances.
private struct FakeStream {
    let channel = EmbeddedChannel()
    let inFlight = InFlightCount()
    let state: ConnectionState

    init() throws {
        state = ConnectionState(channel)
        let rules = ConnectionRules(
            table: ConnectionTable(limit: 8), inFlight: inFlight, maxBodyBytes: 100, headTimeout: .seconds(15),
            idleTimeout: .seconds(45), sendTimeout: .seconds(30), countRefusal: { _ in })
        try channel.pipeline.syncOperations.addHandler(StreamHandler(state, rules))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    func send(_ method: HTTPRequest.Method, _ path: String? = "/", _ headers: HTTPFields = [:], ends: Bool = true)
        throws
    {
        try channel.writeInbound(
            HTTPRequestPart.head(
                HTTPRequest(method: method, scheme: "https", authority: "a", path: path, headerFields: headers)))
        if ends { try channel.writeInbound(HTTPRequestPart.end(nil)) }
    }

    func answer(_ body: String, _ headers: HTTPFields = [:]) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: headers)))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: body)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// What was answered since the last time: statuses with the names of their fields, bodies and ends.
    func sent() throws -> [String] {
        var parts: [String] = []
        while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
            switch part {
            case .head(let head): parts.append("\(head.status.code)" + head.headerFields.map { " \($0.name)" }.joined())
            case .body(let bytes): parts.append(String(buffer: bytes))
            case .end: parts.append("end")
            }
        }
        return parts
    }
}

@Suite struct HTTP2Tests {
    @Test func anAnswerHasNoFieldsOfConnections() throws {
        let stream = try FakeStream()
        try stream.send(.get)
        try stream.answer("ok", [.connection: "close", .contentLength: "2", .transferEncoding: "chunked"])
        #expect(try stream.sent() == ["200 Content-Length", "ok", "end"])
    }

    @Test func anAnswerToHeadHasNoBody() throws {
        let stream = try FakeStream()
        try stream.send(.head)
        try stream.answer("hello")
        #expect(try stream.sent() == ["200", "end"])
    }

    @Test func whatCannotBeMetIsRefusedInTheOneErrorForm() throws {
        for (method, path, headers, status) in [
            (HTTPRequest.Method.connect, nil, [:] as HTTPFields, "501"), (.get, nil, [:], "400"),
            (.get, "", [:], "400"), (.get, "health", [:], "400"), (.get, "*", [:], "400"),
            (.get, String(repeating: "/x", count: 2049), [:], "414"),
            (.post, "/", [.expect: "something"], "417"),
        ] as [(HTTPRequest.Method, String?, HTTPFields, String)] {
            let stream = try FakeStream()
            try stream.send(method, path, headers, ends: false)
            let sent = try stream.sent()
            #expect(sent.first?.hasPrefix(status) == true && sent.first?.contains("Connection") == false)
            #expect(sent.count == 3 && sent[1].hasPrefix(#"{"error":{"code":""#))
            #expect(try stream.channel.readInbound(as: HTTPRequestPart.self) == nil)
        }
    }

    @Test func aCallThatCannotBeMetHasAStatusOfItsOwn() throws {
        let stream = try FakeStream()
        try stream.send(.post, String(repeating: "/x", count: 2049), [.contentType: "application/grpc"], ends: false)
        guard case .head(let head) = try stream.channel.readOutbound(as: HTTPResponsePart.self),
            case .end(let trailers) = try stream.channel.readOutbound(as: HTTPResponsePart.self)
        else {
            Issue.record("there is no answer of a head and an end")
            return
        }
        #expect(head.status == .ok)
        #expect(head.headerFields[.contentType] == "application/grpc")
        #expect(trailers?[.grpcStatus] == "3")
        #expect(trailers?[.grpcMessage]?.isEmpty == false)
    }

    @Test func aBodyIsAskedForOnlyIfItMayCome() throws {
        for (length, sent) in [("5", ["100"]), ("500", []), ("0", []), ("x", []), (nil, ["100"])]
            as [(String?, [String])]
        {
            let stream = try FakeStream()
            var headers: HTTPFields = [.expect: "100-Continue"]
            headers[.contentLength] = length
            try stream.send(.post, "/", headers, ends: false)
            #expect(try stream.sent() == sent, "\(length ?? "")")
        }
    }

    @Test func aRequestIsInFlightUntilItsAnswerIsSentOrItsClientHasGone() throws {
        let answered = try FakeStream()
        try answered.send(.get)
        #expect(answered.inFlight.count == 1)
        try answered.answer("ok")
        #expect(answered.inFlight.count == 0)
        let gone = try FakeStream()
        try gone.send(.post, ends: false)
        #expect(gone.inFlight.count == 1)
        gone.channel.pipeline.fireChannelInactive()
        #expect(gone.inFlight.count == 0)
    }

    @Test func aClientThatTakesNothingIsCutOff() throws {
        let stream = try FakeStream()
        try stream.send(.get)
        // Nothing is flushed, as if the client gave no room for it.
        stream.channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
        stream.channel.write(HTTPResponsePart.body(ByteBuffer(string: "hello")), promise: nil)
        stream.channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(stream.channel.isActive)
        stream.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!stream.channel.isActive)
    }

    /// A proxy may have requests of several clients on a connection.
    @Test func whatIsWrongWithOneStreamEndsNoOther() throws {
        let (channel, _) = try connection()
        let errors: [any Error] = [
            NIOHTTP2Errors.forbiddenHeaderField(name: "connection", value: "close"), NIOHTTP2Errors.emptyPathHeader(),
            NIOHTTP2Errors.contentLengthViolated(),
            NIOHTTP2Errors.streamError(streamID: 1, baseError: ChannelError.inputClosed),
        ]
        for error in errors { channel.pipeline.fireErrorCaught(error) }
        #expect(channel.isActive)
        channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    private func connection() throws -> (EmbeddedChannel, HTTP2Connection) {
        let channel = EmbeddedChannel()
        let rules = ConnectionRules(
            table: ConnectionTable(limit: 8), inFlight: InFlightCount(), maxBodyBytes: 100, headTimeout: .seconds(15),
            idleTimeout: .seconds(45), sendTimeout: .seconds(30), countRefusal: { _ in })
        let connection = HTTP2Connection(ConnectionState(channel), rules)
        try channel.pipeline.syncOperations.addHandler(connection)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        return (channel, connection)
    }

    /// A stream would wait for the rest of its request until its time is over, or as long as it watches something.
    @Test func aConnectionThatItsClientClosesIsClosedWithItsStreams() throws {
        for streams in 0..<2 {
            let (channel, connection) = try connection()
            for _ in 0..<streams { connection.streamBegan() }
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            #expect(!channel.isActive)
        }
    }

    @Test func aConnectionWithoutStreamsIsToldAndClosed() throws {
        let (channel, connection) = try connection()
        let loop = channel.embeddedEventLoop
        loop.advanceTime(by: .seconds(44))
        connection.streamBegan()
        loop.advanceTime(by: .seconds(600))
        connection.streamEnded()
        loop.advanceTime(by: .seconds(45))
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }
}
