import NIOCore
import PenstockHTTP
import Testing

/// Requests that come before the answers to those before them.
@Suite struct PipeliningTests {
    private static let get = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let expecting = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

    @Test func requestsAreTheSameHoweverTheirBytesCome() throws {
        let stream =
            "\r\n" + Self.get + "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 7 \r\n\r\nab\r\n\r\nc" + "\r\n\r\n\r\n"
            + "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3;x=y\r\na\r\n\r\n00000A;z=\"q\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
            + "POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
            + "POST /d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Self.get
        let expected = """
            GET /health

            end
            POST /a
            ab\r\n\r\nc
            end
            POST /b
            a\r\n0123456789
            end
            POST /c

            end
            POST /d

            end
            GET /health

            end

            """
        for length in [1, 2, 3, 7, 64, stream.utf8.count] {
            let connection = try FakeConnection()
            let bytes = Array(stream.utf8)
            for start in stride(from: 0, to: bytes.count, by: length) {
                let piece = bytes[start..<min(bytes.count, start + length)]
                try connection.send(String(decoding: piece, as: UTF8.self))
            }
            #expect(try connection.received == expected, "pieces of \(length) bytes")
            #expect(connection.isOpen)
        }
    }

    @Test func halfAHeadBehindARequestIsAnswered408AfterItsTime() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + "GET /hea")
        connection.pass(.seconds(600))
        #expect(try connection.sent == "")
        try connection.answer()
        #expect(try connection.sent.hasPrefix("HTTP/1.1 200 "))
        connection.pass(.seconds(14))
        #expect(try connection.sent == "")
        connection.pass(.seconds(1))
        #expect(try connection.sent.hasPrefix("HTTP/1.1 408 "))
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test func theOtherHalfOfAHeadMayComeInItsTime() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + Self.get.prefix(10))
        try connection.answer()
        connection.pass(.seconds(14))
        try connection.send(String(Self.get.dropFirst(10)))
        connection.pass(.seconds(600))
        try connection.answer()
        #expect(try connection.sent.count(of: "HTTP/1.1 200 ") == 2)
        #expect(connection.isOpen)
    }

    @Test func anEmptyLineBehindARequestIsNoHead() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + "\r\n")
        try connection.answer()
        _ = try connection.sent
        connection.pass(.seconds(44))
        #expect(connection.isOpen)
        connection.pass(.seconds(1))
        #expect(!connection.isOpen)
        #expect(try connection.sent == "")
    }

    @Test func aBodyIsAskedForWhenItsTurnComes() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + Self.expecting)
        #expect(try connection.sent == "")
        try connection.answer()
        let sent = try connection.sent
        #expect(sent.hasPrefix("HTTP/1.1 200 "))
        #expect(sent.hasSuffix("okHTTP/1.1 100 Continue\r\n\r\n"))
        try connection.send("hello")
        try connection.answer()
        #expect(try connection.sent.hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aBodyThatIsHereIsNotAskedFor() throws {
        for body in ["h", "hello"] {
            let connection = try FakeConnection()
            try connection.send(Self.get + Self.expecting + body)
            try connection.answer()
            #expect(try !connection.sent.contains(" 100 "))
        }
    }

    @Test func anAnswerBelongsToItsRequestHoweverSlowlyTheOnesBeforeItAreTaken() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
        for body in ["first", "second", "third"] { connection.answerUnsent(body) }
        connection.channel.flush()
        let sent = try connection.sent
        #expect(sent.contains("first"))
        #expect(!sent.contains("second"))
        #expect(sent.contains("Content-Length: 6\r\n\r\nHTTP/1.1 200 "))
        #expect(sent.hasSuffix("third"))
    }

    /// A client reads nothing behind an answer that closes the connection, and would take the others for lost.
    @Test func onlyTheLastAnswerCloses() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + Self.get + Self.get)
        for body in ["first", "second", "third"] { try connection.answer(body, closes: true) }
        let sent = try connection.sent
        #expect(sent.count(of: "HTTP/1.1 200 ") == 3)
        #expect(sent.count(of: "Connection: close") == 1)
        let last = try #require(sent.range(of: "Connection: close"))
        #expect(sent[..<last.lowerBound].contains("second"))
    }

    /// An event loop answers all that was handed on before it looks for the input of others.
    @Test func manyRequestsWaitForTheAnswersToThoseBeforeThem() throws {
        let connection = try FakeConnection()
        let all = (0..<1000).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
        try connection.send(all.joined())
        connection.pass(.seconds(1))
        var received = try connection.received
        #expect(received.count(of: "GET ") == 16)
        for _ in all {
            try connection.answer()
            connection.pass(.milliseconds(1))
            received += try connection.received
        }
        #expect(received == (0..<1000).map { "GET /\($0)\n\nend\n" }.joined())
        #expect(try connection.sent.count(of: "HTTP/1.1 200 ") == 1000)
        #expect(connection.isOpen)
    }

    @Test func manyChunksAreHandedOnInTurns() throws {
        let connection = try FakeConnection()
        let chunks = String(repeating: "1\r\na\r\n", count: 100)
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        try connection.send("0\r\n\r\n" + Self.get)
        #expect(try connection.received.count(of: "a") < 20)
        connection.pass(.seconds(1))
        let rest = try connection.received
        #expect(rest.hasSuffix("a\nend\nGET /health\n\nend\n"))
        #expect(rest.count(of: "a") > 80)
    }

    /// What was held may not come behind the end.
    @Test func whatWaitsIsDroppedWhenTheClientCloses() throws {
        let connection = try FakeConnection()
        try connection.send(String(repeating: Self.get, count: 100))
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        for _ in 0..<16 { try connection.answer() }
        connection.pass(.seconds(1))
        #expect(try connection.received.count(of: "GET ") == 16)
    }

    @Test func whatComesBehindTheLastRequestIsNotRead() throws {
        let connection = try FakeConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + Self.get + "bad\r\n\r\n")
        #expect(try connection.received == "GET /\n\nend\n")
        try connection.answer()
        #expect(try connection.sent.count(of: "HTTP/1.1 ") == 1)
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func count(of text: String) -> Int { ranges(of: text).count }
}
