import NIOCore
import NIOPosix
import PenstockHTTP
import Synchronization
import Testing

/// Connections to a server that ends.
@Suite struct EndOfConnectionTests {
    private static let get = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func end(_ connection: FakeConnection) {
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    @Test func theFirstRequestIsAnsweredAlsoIfItComesLate() throws {
        let connection = try FakeConnection()
        Self.end(connection)
        connection.pass(.milliseconds(900))
        #expect(connection.isOpen)
        try connection.send(Self.get + Self.get)
        #expect(try connection.received == "GET /health\n\nend\n")
        connection.pass(.seconds(600))
        #expect(connection.isOpen)
        try connection.answer()
        #expect(try connection.sent.contains("Connection: close\r\n"))
        #expect(try connection.received.isEmpty)
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test func aConnectionThatStaysSilentIsClosed() throws {
        let connection = try FakeConnection()
        Self.end(connection)
        connection.pass(.seconds(1))
        #expect(!connection.isOpen)
        #expect(try connection.sent.isEmpty)
    }

    @Test func anIdleConnectionIsClosedAtOnce() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get)
        try connection.answer()
        #expect(connection.isOpen)
        Self.end(connection)
        #expect(!connection.isOpen)
    }

    @Test func whatWasBegunIsAnsweredToItsEnd() throws {
        let connection = try FakeConnection()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n12")
        Self.end(connection)
        try connection.send("34" + Self.get)
        #expect(try connection.received == "POST /\n1234\nend\n")
        try connection.answer()
        #expect(try connection.sent.contains("Connection: close\r\n"))
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    #if os(Linux)
        private final class AcceptCount: ChannelInboundHandler, Sendable {
            typealias InboundIn = Any
            let connections = Atomic<Int>(0)

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                connections.wrappingAdd(1, ordering: .sequentiallyConsistent)
                context.fireChannelRead(data)
            }
        }

        /// Those that wait to be accepted are, before the end; more do not come.
        @Test func connectionsThatWaitAreAccepted() async throws {
            let count = AcceptCount()
            let group = MultiThreadedEventLoopGroup.singleton
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.autoRead, value: false)
                .serverChannelInitializer { $0.pipeline.addHandler(count) }
                .bind(host: "127.0.0.1", port: 0).get()
            let queue = AcceptQueue(of: listener)
            try await listener.pipeline.addHandler(queue)
            let address = try #require(listener.localAddress)
            var clients: [any Channel] = []
            for _ in 0..<10 { clients.append(try await ClientBootstrap(group: group).connect(to: address).get()) }
            let drain = Task { await queue.drain(handshakes: .zero, within: .seconds(3600)) }
            try await listener.setOption(.autoRead, value: true)
            await drain.value
            let accepted = count.connections.load(ordering: .sequentiallyConsistent)
            #expect(accepted == clients.count)
            let late = ClientBootstrap(group: group).connectTimeout(.milliseconds(1)).connect(to: address)
            await #expect(throws: ChannelError.self) { try await late.get() }
            for client in clients { try await client.close() }
            try await listener.close()
        }

        @Test func nobodyWaitsForAnEmptyQueue() async throws {
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).get()
            let queue = AcceptQueue(of: listener)
            try await listener.pipeline.addHandler(queue)
            await queue.drain(handshakes: .zero, within: .seconds(3600))
            try await listener.close()
            await queue.drain(handshakes: .zero, within: .seconds(3600))
        }
    #endif
}
