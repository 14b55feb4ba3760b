import Foundation
import PenstockTestSupport
import Testing

/// Connections that hold on to a server, and answers that take long to send.
@Suite(.serialized, .blocking) struct ConnectionLimitTests {
    @Test func anAnswerThatIsBeingSentArrivesToItsLastByte() throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-encoder"), ["--task", "feature-extraction", "--send-timeout", "3600"])
        let texts = Array(repeating: "\"\(String(repeating: "the cat sat on the mat ", count: 10))\"", count: 400)
        let reader = try Connection(port: server.port)
        try reader.send(
            "POST", "/", headers: ["Content-Type": "application/json"],
            body: #"{"inputs": [\#(texts.joined(separator: ","))], "tokenize_kwargs": {"truncation": true}}"#)
        let (head, bytes) = try reader.head()
        #expect(head.status == 200)
        // Far more than the buffers of a socket hold, so that most of it is still with the server.
        #expect(bytes > 8 << 20)
        server.signal(SIGTERM)
        while try server.ask("GET", "/ready").status == 200 {}
        #expect(try reader.body(bytes).count == bytes)
        #expect(server.status() == 0)
    }

    @Test func theDrainTimeoutBoundsAlsoABodyThatNeverEnds() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--drain-timeout", "0.2"])
        let connection = try Connection(port: server.port)
        try connection.begin(bodyBytes: 14, "the cat ")
        server.signal(SIGTERM)
        #expect(server.status() == 0)
    }

    @Test func aTerminalThatIsClosedEndsNothing() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        server.signal(SIGHUP)
        #expect(try server.ask(body: "the cat [MASK]").status == 200)
    }

    @Test func silentConnectionsAreClosed() throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-tiny"), ["--head-timeout", "0.2", "--idle-timeout", "0.2"])
        let silent = try Connection(port: server.port)
        #expect(throws: Connection.Failure.self) { try silent.reply() }
        let half = try Connection(port: server.port)
        try half.send("GET /health HT")
        #expect(try half.reply().status == 408)
        let behind = try Connection(port: server.port)
        try behind.send("GET /health HTTP/1.1\r\nHost: test\r\n\r\nGET /health HT")
        #expect(try behind.reply().status == 200)
        #expect(try behind.reply().status == 408)
        let idle = try Connection(port: server.port)
        try idle.send("GET", "/health")
        #expect(try idle.reply().status == 200)
        #expect(throws: Connection.Failure.self) { try idle.reply() }
    }

    @Test(arguments: [["--max-connections", "40"], []])
    func manyConnectionsThatAreHeldLockNobodyOut(arguments: [String]) throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), arguments, limit: "-n 128")
        var held: [Connection] = []
        for _ in 0..<300 {
            held.append(try Connection(port: server.port))
            #expect(try server.ask("GET", "/health").status == 200)
        }
        #expect(try server.ask(body: "the cat [MASK]").status == 200)
    }

    @Test func aBodyThatNobodyWantsIsSwallowedWithinBounds() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let connection = try Connection(port: server.port)
        try connection.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999999\r\n\r\nabc")
        let reply = try connection.reply()
        #expect(reply.status == 413)
        #expect(reply.headers["connection"] == "close")
        let piece = String(repeating: "x", count: 1 << 20)
        #expect(throws: Connection.Failure.self) { for _ in 0..<256 { try connection.send(piece) } }
    }

    @Test(arguments: [
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "Content-Length: 18446744073709551615\r\n\r\n",
    ])
    func aBodyBeyondAllBoundsIsRefusedBeforeItComes(announcement: String) throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let connection = try Connection(port: server.port)
        try connection.send("POST / HTTP/1.1\r\nHost: test\r\n\(announcement)")
        let reply = try connection.reply()
        #expect(reply.status == 413)
        #expect(reply.headers["connection"] == "close")
        #expect(throws: Connection.Failure.self) { try connection.reply() }
    }

    @Test func pagesOfAllowedOriginsMayAsk() throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-tiny"),
            ["--cors-allow-origin", "https://example.com", "--cors-allow-origin", "http://localhost:3000"])
        for origin in ["https://example.com", "http://localhost:3000"] {
            let preflight = try server.ask(
                "OPTIONS", "/", headers: ["Origin": origin, "Access-Control-Request-Method": "POST"])
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST")
            let answer = try server.ask(headers: ["Origin": origin], body: "the cat [MASK]")
            #expect(answer.headers["access-control-allow-origin"] == origin)
        }
    }

    @Test func theSecondRequestOnAConnectionIsAnsweredWhateverTheFirstAskedFor() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let connection = try Connection(port: server.port)
        for (method, path, body, status) in [
            ("POST", "/nothing", "the cat", 404), ("HEAD", "/health", "", 200), ("OPTIONS", "/", "", 204),
            ("DELETE", "/health", "", 405), ("POST", "/", "the cat [MASK]", 200), ("POST", "/", "the cat", 422),
        ] {
            try connection.send(method, path, body: body)
            let (head, bytes) = try connection.head()
            #expect(head.status == status)
            if method != "HEAD" { _ = try connection.body(bytes) }
        }
    }
}
