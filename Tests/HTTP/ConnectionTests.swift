import HummingbirdCore
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import PenstockHTTP
import Synchronization
import Testing

@Suite struct ConnectionTests {
    private static let get = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func aSilentConnectionIsClosedAfterTheTimeOfAHead() throws {
        let connection = try FakeConnection()
        connection.pass(.seconds(14))
        #expect(connection.isOpen)
        connection.pass(.seconds(1))
        #expect(!connection.isOpen)
    }

    @Test func halfAHeadIsAnswered408AfterItsTime() throws {
        let connection = try FakeConnection()
        try connection.send("GET /health HT")
        connection.pass(.seconds(15))
        #expect(try connection.sent.hasPrefix("HTTP/1.1 408 "))
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test func aHeadThatDripsHasNoMoreTimeThanAnother() throws {
        let connection = try FakeConnection()
        for byte in Self.get.dropLast(2) {
            try connection.send(String(byte))
            connection.pass(.seconds(1))
        }
        #expect(try connection.sent.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func anIdleConnectionIsClosedAfterItsTime() throws {
        let connection = try FakeConnection()
        for _ in 0..<3 {
            try connection.send(Self.get)
            connection.pass(.seconds(600))
            try connection.answer()
            connection.pass(.seconds(44))
            #expect(connection.isOpen)
        }
        connection.pass(.seconds(1))
        #expect(!connection.isOpen)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\u{2}\u{0}", 400), ("GET / HTTP/2.5\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \r\nContent-Length: 5\r\n\r\nhello", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n", 417),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "x", count: 90_000) + "\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: x\r\n", count: 2000) + "\r\n", 431),
        ("GET /" + String(repeating: "x", count: 90_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET /" + String(repeating: "x", count: 70_000), 414),
        ("GET " + String(repeating: "/x", count: 2049) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
    ])
    func whatIsNoProperRequestIsAnsweredInTheOneErrorForm(request: String, status: Int) throws {
        let connection = try FakeConnection()
        try connection.send(request)
        let answer = try connection.sent
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.contains(#"{"error":{"code":""#))
        #expect(try connection.channel.readInbound(as: HTTPRequestPart.self) == nil)
        connection.pass(.seconds(2))
        #expect(!connection.isOpen)
    }

    @Test(arguments: [
        "[::1", "[]", "[::1]x", "[::1]:x", "a:b", "a:1:2", "::1", "a]", "a[b]", "a@b", "a/b", "a?b", "\u{E4}", ":x",
    ])
    func whatIsNoHostIsRefused(host: String) throws {
        let connection = try FakeConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try connection.sent.hasPrefix("HTTP/1.1 400 "))
    }

    @Test(arguments: [
        "", "a", "a:", "a:80", "[::1]", "[::1]:80", "[fe80::1%25lo]", "127.0.0.1:8000", "a_b.c-d", "%C3%A4",
    ])
    func whatIsAHostIsTaken(host: String) throws {
        let connection = try FakeConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try connection.received == "GET /\n\nend\n")
    }

    @Test(arguments: [
        "Transfer-Encoding: chunked\r\nContent-Length: 3", "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunked, chunked",
    ])
    func aBodyOfTwoLengthsIsSaidToHaveThem(fields: String) throws {
        let connection = try FakeConnection()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n")
        let answer = try connection.sent
        #expect(
            answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(" Transfer-Encoding")
                && answer.contains(" Content-Length"))
    }

    @Test(arguments: [
        "ZZ\r\nabc", "3;" + String(repeating: "x", count: 200_000), "3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n",
        "3\r\nabc\r\n0\r\n" + String(repeating: "a: b\r\n", count: 10_000) + "\r\n",
        "-2\r\nabc", "3 \r\nabc", "3\nabc\r\n0\r\n\r\n", "3\r\nabcX\r\n0\r\n\r\n",
    ])
    func aBrokenBodyIsTheClientsFault(body: String) throws {
        let connection = try FakeConnection()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let error = #expect(throws: ClientError.self) { try connection.send(body) }
        #expect(error?.code == .malformedRequest)
    }

    @Test(arguments: ["65", "ffffffffffffffff", "fffffffffffffffff", "00000000000000065", "7fffffffffffffff", "F0;a=b"])
    func aChunkThatIsTooLargeIsRefusedBeforeItComes(size: String) throws {
        let connection = try FakeConnection()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let error = #expect(throws: ClientError.self) { try connection.send("\(size)\r\n") }
        #expect(error?.code == .bodyTooLarge)
    }

    @Test(arguments: ["64", "000000000000000000064", "3;ffffffffffffffff"])
    func aChunkThatFitsIsTaken(size: String) throws {
        let connection = try FakeConnection()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\r\n")
        #expect(connection.isOpen)
    }

    @Test func anAnswerBeforeAProperAndABadRequestComesFirst() throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + "bad\r\n\r\n")
        #expect(try connection.sent == "")
        try connection.answer()
        let answers = try connection.sent
        let first = try #require(answers.range(of: "HTTP/1.1 200"))
        let second = try #require(answers.range(of: "HTTP/1.1 400"))
        #expect(first.lowerBound < second.lowerBound)
        #expect(!answers[..<second.lowerBound].contains("close"))
    }

    @Test(arguments: [
        ("GET / HTTP/1.0\r\n\r\n", "close"), ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", "close"),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, TE\r\n\r\n", "close"),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "close"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", "close"), (get, nil),
    ])
    func theConnectionGoesOnOrNotAsBothSidesSay(request: String, option: String?) throws {
        let connection = try FakeConnection()
        try connection.send(request)
        try connection.answer()
        let answer = try connection.sent
        #expect(answer.contains("Connection: ") == (option != nil))
        if let option { #expect(answer.contains("Connection: \(option)\r\n")) }
        connection.pass(.seconds(2))
        #expect(connection.isOpen == (option != "close"))
    }

    @Test func anAnswerToHeadHasNoBody() throws {
        let connection = try FakeConnection()
        try connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        try connection.answer("hello")
        let answer = try connection.sent
        #expect(answer.contains("Content-Length: 5\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func aBodyIsAskedForOnlyIfItMayCome() throws {
        let small = try FakeConnection()
        try small.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(try small.sent.hasPrefix("HTTP/1.1 100 "))
        for length in ["500", "9223372036854775808", "0"] {
            let other = try FakeConnection()
            try other.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
            #expect(try other.sent == "", "\(length)")
        }
    }

    @Test func aRequestIsInFlightUntilItsAnswerIsSent() async throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + Self.get)
        try connection.answer()
        let inFlight = connection.inFlight
        let waits = Task { await inFlight.reachesZero() }
        waits.cancel()
        await waits.value
        try connection.answer()
        await connection.inFlight.reachesZero()
    }

    @Test func whatAClientLeavesBehindIsNotInFlight() async throws {
        let connection = try FakeConnection()
        try connection.send(Self.get + Self.get)
        connection.channel.close(promise: nil)
        await connection.inFlight.reachesZero()
    }

    @Test func aClientHasItsTimeToReceive() {
        var limit = SendLimit(patience: .seconds(30))
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        #expect(limit.expiry == nil)
        limit.wrote(10 << 20, at: start)
        #expect(limit.expiry == start + .seconds(30))
        // Steady progress at four times the slowest rate is fine, one byte now and then is not.
        limit.sent(4 << 20, at: start + .seconds(32))
        #expect(limit.expiry == start + .seconds(62))
        limit.sent(1, at: start + .seconds(61))
        #expect(limit.expiry == start + .seconds(91))
        limit.sent(1, at: start + .seconds(150))
        #expect(limit.expiry.map { $0 < start + .seconds(160) } == true)
        limit.sent((6 << 20) - 2, at: start + .seconds(151))
        #expect(limit.expiry == nil)
    }
}

@Suite struct ConnectionTableTests {
    @Test func theLongestIdleConnectionMakesWay() throws {
        let reports = Mutex(0)
        let table = ConnectionTable(limit: 3) { _ in reports.withLock { $0 += 1 } }
        let channels = (0..<4).map { _ in EmbeddedChannel() }
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        for channel in channels { channel.connect(to: address, promise: nil) }
        let states = channels.map(ConnectionState.init)
        var acceptance = table.acceptance
        for state in states.prefix(2) {
            acceptance.connectionOpened()
            table.add(state)
        }
        #expect(acceptance.isAcceptingNewConnections())
        // The first is busy, so the second goes.
        states[0].beginSpell()
        acceptance.connectionOpened()
        #expect(channels[0].isActive)
        #expect(!channels[1].isActive)
        #expect(!acceptance.isAcceptingNewConnections())
        acceptance.connectionOpened()
        #expect(reports.withLock { $0 } == 1)
        acceptance.connectionClosed()
        acceptance.connectionClosed()
        #expect(acceptance.isAcceptingNewConnections())
    }
}
