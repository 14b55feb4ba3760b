import NIOCore
import NIOEmbedded
import Testing

/// A connection that is closed behind an answer while its client still sends.
@Suite struct LingeringTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n"

    /// Counts what is asked of the socket.
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private(set) var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    /// The rest of a body is read, so that a client that writes all of it before it reads comes to its answer.
    @Test func whatComesBehindTheAnswerIsRead() throws {
        let connection = try FakeConnection()
        let reads = ReadCounter()
        try connection.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try connection.send(Self.head)
        let before = reads.count
        try connection.answer(closes: true)
        #expect(try connection.sent.contains("Connection: close\r\n"))
        #expect(reads.count == before + 1)
        for piece in 1...3 {
            try connection.send("some of the body")
            #expect(reads.count == before + 1 + piece)
        }
        #expect(connection.isOpen)
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    /// It is read as far as a body may go, and 4 MiB in any case; whoever sends more is cut off.
    @Test func notWithoutAnEnd() throws {
        let connection = try FakeConnection()
        try connection.send(Self.head)
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
