import Logging
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import NIOSSL
import PenstockHTTP
import PenstockTestSupport
import Testing

/// A connection whose client speaks TLS, without a socket.
private struct TLSConnection {
    let server: FakeConnection
    let client = EmbeddedChannel()

    init(_ tls: ServerTLS, alpn: [String] = ["http/1.1"]) throws {
        server = try FakeConnection(tls: tls.context)
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = alpn
        let handler = try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
        try client.pipeline.syncOperations.addHandler(handler)
        client.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try exchange()
    }

    /// Carries bytes to and fro until there are none.
    func exchange() throws {
        var isQuiet = false
        while !isQuiet {
            isQuiet = true
            server.channel.embeddedEventLoop.run()
            client.embeddedEventLoop.run()
            while let bytes = try client.readOutbound(as: ByteBuffer.self) {
                guard bytes.readableBytes > 0 else { continue }
                isQuiet = false
                try server.channel.writeInbound(bytes)
            }
            while let bytes = try server.channel.readOutbound(as: ByteBuffer.self) {
                guard bytes.readableBytes > 0 else { continue }
                isQuiet = false
                try client.writeInbound(bytes)
            }
        }
    }

    func send(_ text: String) throws {
        try client.writeAndFlush(ByteBuffer(string: text)).wait()
        try exchange()
    }

    /// What has come since the last time.
    func received() throws -> String {
        try exchange()
        var text = ""
        while let bytes = try client.readInbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// The name in the server's certificate.
    var certificate: NIOSSLCertificate? {
        get throws { try client.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate }
    }
}

@Suite struct TLSTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func path(_ name: String) -> String { Fixtures.path("tls/\(name)") }

    private static func tls(_ certificate: String, _ key: String) throws(TLSError) -> ServerTLS {
        try ServerTLS(TLSFiles(certificate: path(certificate), key: path(key)), logger: logger)
    }

    @Test func requestsAndAnswersGoThroughTLS() throws {
        let connection = try TLSConnection(Self.tls("first.pem", "first.key"))
        try connection.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        #expect(try connection.server.received == "POST /a\nabc\nend\n")
        try connection.server.answer("hello")
        #expect(try connection.received().hasSuffix("\r\n\r\nhello"))
        #expect(connection.server.isOpen)
    }

    @Test func theLimitsHoldBehindTLS() throws {
        let connection = try TLSConnection(Self.tls("first.pem", "first.key"))
        connection.server.pass(.seconds(14))
        #expect(connection.server.isOpen)
        try connection.send("GET / HT")
        connection.server.pass(.seconds(15))
        #expect(try connection.received().hasPrefix("HTTP/1.1 408 "))
        let large = try TLSConnection(Self.tls("first.pem", "first.key"))
        try large.send("GET /" + String(repeating: "x", count: 70_000))
        #expect(try large.received().hasPrefix("HTTP/1.1 414 "))
    }

    @Test func aHandshakeHasTheTimeOfAHead() throws {
        let connection = try FakeConnection(tls: Self.tls("first.pem", "first.key").context)
        connection.pass(.seconds(15))
        connection.pass(.seconds(10))
        #expect(!connection.isOpen)
    }

    @Test func whoSpeaksNoTLSIsCutOff() throws {
        let connection = try FakeConnection(tls: Self.tls("first.pem", "first.key").context)
        _ = try? connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.pass(.seconds(10))
        #expect(try connection.channel.readInbound(as: HTTPRequestPart.self) == nil)
        #expect(!connection.isOpen)
    }

    @Test func anotherCertificateCountsFromTheNextConnectionOn() throws {
        let directory = try TemporaryDirectory()
        func copy(_ name: String) throws {
            for (end, file) in [("pem", "certificate"), ("key", "key")] {
                try directory.write(file, Fixtures.bytes(atPath: Self.path("\(name).\(end)")))
            }
        }
        try copy("first")
        let tls = try ServerTLS(
            TLSFiles(certificate: "\(directory.path)/certificate", key: "\(directory.path)/key"), logger: Self.logger)
        let certificates = try ["first", "second"].map { try NIOSSLCertificate.fromPEMFile(Self.path("\($0).pem")) }
        #expect(try TLSConnection(tls).certificate == certificates[0].first)
        try copy("second")
        tls.reload()
        #expect(try TLSConnection(tls).certificate == certificates[1].first)
        // What is broken changes nothing.
        try directory.write("key", "nonsense".utf8)
        tls.reload()
        #expect(try TLSConnection(tls).certificate == certificates[1].first)
    }

    @Test func aKeyThatIsCutOffIsNotQuoted() throws {
        let directory = try TemporaryDirectory()
        let key = try Fixtures.bytes(atPath: Self.path("first.key"))
        try directory.write("key", key.prefix(key.count / 2))
        let files = TLSFiles(certificate: Self.path("first.pem"), key: "\(directory.path)/key")
        let error = #expect(throws: TLSError.self) { try ServerTLS(files, logger: Self.logger) }
        #expect(error?.description.hasSuffix("one of the files is no PEM of its kind, or is not complete") == true)
    }

    @Test(arguments: [
        ("first.pem", "second.key"), ("first.key", "first.pem"), ("none.pem", "first.key"), ("first.pem", "none.key"),
        ("", ""),
    ])
    func filesThatCannotBeUsedAreNamed(certificate: String, key: String) {
        let error = #expect(throws: TLSError.self) { try Self.tls(certificate, key) }
        #expect(error?.description.contains(Self.path(certificate)) == true)
    }
}
