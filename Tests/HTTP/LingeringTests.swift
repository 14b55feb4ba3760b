import NIOCore
import NIOEmbedded
import Testing

/// A connection that is closed behind an answer while its client still sends.
@Suite struct LingeringTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n"

    /// A socket that can be closed for one direction alone, which counts how often it is asked for more.
    private final class HalfClosingSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private(set) var reads = 0

        func read(context: ChannelHandlerContext) {
            reads += 1
            context.read()
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
        }
    }

    private static func connection(
        neighbour: FakeConnection? = nil
    ) throws -> (FakeConnection, HalfClosingSocket) {
        let (connection, socket) = (try FakeConnection(neighbour: neighbour), HalfClosingSocket())
        try connection.channel.pipeline.syncOperations.addHandler(socket, position: .first)
        try connection.send(head)
        return (connection, socket)
    }

    /// The rest of a body is read, so that a client that writes all of it before it reads comes to its answer.
    @Test func whatComesBehindTheAnswerIsRead() throws {
        let (connection, socket) = try Self.connection()
        let before = socket.reads
        try connection.answer(closes: true)
        #expect(try connection.sent.contains("Connection: close\r\n"))
        #expect(socket.reads == before + 1)
        for piece in 1...3 {
            try connection.send("some of the body")
            connection.pass(.milliseconds(1))
            #expect(socket.reads == before + 1 + piece)
        }
        #expect(connection.isOpen)
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    /// All connections together are read once in half a millisecond, however much comes.
    @Test func theyTakeTurns() throws {
        let (first, socket) = try Self.connection()
        let others = try (1..<10).map { _ in try Self.connection(neighbour: first) }
        for (connection, _) in [(first, socket)] + others { try connection.answer(closes: true) }
        let before = socket.reads
        for milliseconds in 1...20 {
            try first.send("x")
            first.pass(.milliseconds(1))
            #expect(socket.reads == before + milliseconds / 5)
        }
        // Those that are gone leave their time to it.
        for (connection, _) in others { connection.channel.close(promise: nil) }
        for reads in 1...4 {
            try first.send("x")
            first.pass(.microseconds(500))
            #expect(socket.reads == before + 4 + reads)
        }
    }

    /// It is read as far as a body may go, and 4 MiB in any case; whoever sends more is cut off.
    @Test func notWithoutAnEnd() throws {
        let (connection, _) = try Self.connection()
        try connection.answer(closes: true)
        let piece = String(repeating: "x", count: 1 << 20)
        for _ in 0..<4 {
            try connection.send(piece)
            #expect(connection.isOpen)
        }
        try connection.send("x")
        #expect(!connection.isOpen)
    }
}
