import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import PenstockProtocolBuffers

/// A connection for calls of gRPC over a socket, of which a test sends and receives frame by frame.
final class CallConnection {
    /// What came on a stream.
    struct Stream {
        var fields = HPACKHeaders()
        var bytes: [UInt8] = []
        var reset: HTTP2ErrorCode?
        var isEnded = false

        var status: Int? { fields.first(name: "grpc-status").flatMap { Int($0) } }

        /// Takes the first message; nil if it is not there as a whole.
        mutating func takeMessage() -> [UInt8]? {
            let count = bytes.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard bytes.count >= 5 + count else { return nil }
            defer { bytes.removeFirst(5 + count) }
            return Array(bytes.dropFirst(5).prefix(count))
        }
    }

    private static let service = "inference.GRPCInferenceService"

    /// A server that nobody has any more is ended.
    private let server: ServerProcess
    private let connection: Connection
    private let channel = EmbeddedChannel()
    private var streams: [HTTP2StreamID: Stream] = [:]
    private var next = 1
    private(set) var acknowledgedPings = 0
    /// The server said that further calls belong to another connection.
    private var isToldToLeave = false

    init(to server: ServerProcess) throws {
        self.server = server
        connection = try Connection(port: server.callPort ?? 0)
        try channel.pipeline.syncOperations.addHandler(NIOHTTP2Handler(mode: .client))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try flush()
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    // MARK: Sending

    /// Begins a call of a method: `package.Service/Method`, or one of the inference service.
    func begin(_ method: String, _ fields: (name: String, value: String)...) throws -> HTTP2StreamID {
        let stream = HTTP2StreamID(next)
        next += 2
        let path = method.contains("/") ? "/\(method)" : "/\(Self.service)/\(method)"
        var headers = HPACKHeaders([
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"), ("te", "trailers"),
            ("content-type", "application/grpc"),
        ])
        for (name, value) in fields { headers.add(name: name, value: value) }
        try send(.headers(.init(headers: headers)), on: stream)
        return stream
    }

    /// Sends a message.
    ///
    /// - Parameter ends: whether it is the last of the call
    func send(_ message: [UInt8], on stream: HTTP2StreamID, ends: Bool = true) throws {
        let count = withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count).bigEndian) { Array($0) }
        try send(bytes: [0] + count + message, on: stream, ends: ends)
    }

    /// Sends bytes of a call as they are.
    func send(bytes: [UInt8], on stream: HTTP2StreamID, ends: Bool) throws {
        try send(.data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: ends)), on: stream)
    }

    func cancel(_ stream: HTTP2StreamID) throws { try send(.rstStream(.cancel), on: stream) }

    func ping() throws { try send(.ping(HTTP2PingData(withInteger: 7), ack: false), on: .rootStream) }

    /// Sends a priority of the first stream, which asks for no answer, and which servers count among those that do.
    func prioritize() throws { try connection.send(bytes: [0, 0, 5, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 15]) }

    private func send(_ payload: HTTP2Frame.FramePayload, on stream: HTTP2StreamID) throws {
        try channel.writeOutbound(HTTP2Frame(streamID: stream, payload: payload))
        try flush()
    }

    private func flush() throws {
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            try connection.send(bytes: Array(bytes.readableBytesView))
        }
    }

    // MARK: Receiving

    /// Calls a method with a message, and waits for all of the answer.
    func call(_ method: String, _ message: [UInt8]) throws -> Stream {
        let stream = try begin(method)
        try send(message, on: stream)
        return try end(of: stream)
    }

    /// Waits until the call is over.
    func end(of stream: HTTP2StreamID) throws -> Stream {
        while streams[stream]?.isEnded != true { try receive() }
        return streams[stream, default: Stream()]
    }

    /// Waits for the next message.
    func message(of stream: HTTP2StreamID) throws -> [UInt8] {
        while true {
            if let message = streams[stream]?.takeMessage() { return message }
            try receive()
        }
    }

    /// Waits until the server says that further calls belong to another connection.
    func farewell() throws { while !isToldToLeave { try receive() } }

    private func receive() throws {
        try channel.writeInbound(ByteBuffer(bytes: try connection.receiveSome()))
        while let frame = try channel.readInbound(as: HTTP2Frame.self) { take(frame) }
        try flush()
    }

    private func take(_ frame: HTTP2Frame) {
        var stream = streams[frame.streamID, default: Stream()]
        switch frame.payload {
        case .headers(let headers):
            stream.fields.add(contentsOf: headers.headers)
            stream.isEnded = headers.endStream
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data { stream.bytes += bytes.readableBytesView }
            stream.isEnded = data.endStream
        case .rstStream(let code):
            stream.reset = code
            stream.isEnded = true
        case .ping(_, let ack): acknowledgedPings += ack ? 1 : 0
        case .goAway: isToldToLeave = true
        default: break
        }
        streams[frame.streamID] = stream
    }
}

extension CallConnection {
    /// A message whose first field is a text.
    static func message(_ text: String, field: Int = 1) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(field, text)
        return writer.bytes
    }

    /// A `ModelInferRequest` for the texts of an input.
    static func infer(_ model: String, _ texts: [String]) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(1, model)
        writer.message(5) { writer in
            writer.text(1, "text")
            writer.text(2, "BYTES")
            writer.packed(3, [UInt64(texts.count)])
            writer.message(5) { writer in for text in texts { writer.element(8, text.utf8) } }
        }
        return writer.bytes
    }

    /// All fields of a message.
    static func fields(_ message: [UInt8]) throws -> [WireField] {
        var reader = MessageReader(message[...])
        var fields: [WireField] = []
        while let field = try reader.next() { fields.append(field) }
        return fields
    }
}

extension HPACKHeaders {
    fileprivate mutating func add(contentsOf other: HPACKHeaders) {
        for (name, value, _) in other { add(name: name, value: value) }
    }
}
