import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite(.serialized, .blocking) struct LifecycleTests {
    @Test func listensBeforeTheModelIsThere() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), untilReady: false)
        #expect(try server.ask("GET", "/health").status == 200)
        // The model may be there by now; every answer has to fit one of the two.
        let work = try server.ask(body: "a [MASK]")
        #expect(work.status == 200 || (work.status == 503 && work.headers["retry-after"] != nil))
        #expect([200, 503].contains(try server.ask("GET", "/ready").status))
    }

    @Test func tellsWhatItServes() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--request-timeout", "7"])
        let ready = try server.ask("GET", "/ready")
        #expect(ready.status == 200)
        let info = try JSONValue(parsing: try server.ask("GET", "/info").body)
        #expect(info["model"]?.string == "bert-tiny")
        #expect(info["task"]?.string == "fill-mask")
        #expect(info["limits"]?["request_timeout_seconds"]?.double == 7)
        let kept = try server.ask("GET", "/health", headers: ["X-Request-Id": "abc-1"])
        #expect(kept.headers["x-request-id"] == "abc-1")
        let made = try server.ask("GET", "/health", headers: ["X-Request-Id": "no spaces please"])
        #expect(made.headers["x-request-id"]?.count == 16)
    }

    @Test func namesMayHaveAnOwner() throws {
        let server = try ServerProcess("google-bert/tiny=\(Fixtures.checkpoint("bert-tiny"))")
        #expect(try server.ask("POST", "/models/google-bert/tiny", body: "a [MASK]").status == 200)
        #expect(try server.ask("GET", "/models/google-bert%2Ftiny").status == 200)
    }

    @Test func finishesWhatItHasBegunAndEndsWithStatus0() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let alone = try server.ask(body: "the cat [MASK]").body
        let begun = try (0..<50).map { _ in
            let connection = try Connection(port: server.port)
            try connection.begin(bodyBytes: 14, "the cat ")
            return connection
        }
        server.signal(SIGTERM)
        while try server.ask("GET", "/ready").status == 200 {}
        let late = try server.ask(body: "the cat [MASK]")
        #expect(late.status == 503)
        #expect(late.headers["connection"] == "close")
        for connection in begun { try connection.send("[MASK]") }
        for connection in begun {
            let reply = try connection.reply()
            // Whoever was not let in before the signal is refused; nobody is left without an answer.
            #expect(reply.status == 200 ? reply.body == alone : reply.status == 503)
        }
        #expect(server.status() == 0)
    }

    @Test func whoWaitsForCompanyIsAnsweredBeforeTheEnd() throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-tiny"), ["--batch-linger", "600", "--request-timeout", "600"])
        let connection = try Connection(port: server.port)
        try connection.send("POST", "/", body: "a [MASK]")
        while try server.metric("penstock_queue_items") != 1 {}
        server.signal(SIGTERM)
        #expect(try connection.reply().status == 200)
        #expect(server.status() == 0)
    }

    @Test func aSecondSignalEndsAtOnce() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let connection = try Connection(port: server.port)
        try connection.begin(bodyBytes: 14, "the cat ")
        server.signal(SIGINT)
        while try server.ask("GET", "/ready").status == 200 {}
        server.signal(SIGINT)
        #expect(server.status() == 130)
    }

    @Test func aPortInUseIsSaidInOneLine() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let error = #expect(throws: ServerProcess.Failure.self) {
            try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--port", String(server.port)])
        }
        guard case .didNotStart(let log) = error else { return }
        #expect(log.contains("penstock: cannot listen on 127.0.0.1:\(server.port): Address already in use"))
    }

    @Test func aHostThatIsUnknownIsSaidInOneLine() throws {
        let error = #expect(throws: ServerProcess.Failure.self) {
            try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--host", "a b"])
        }
        guard case .didNotStart(let log) = error else { return }
        #expect(log == "penstock: cannot listen on a b:0: Name or service not known\n")
    }

    /// The C library reserves 64 MiB of addresses for each thread unless it is told otherwise.
    @Test(arguments: [320, 500]) func fewAddressesAreEnough(mebibytes: Int) throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-tiny"), ["--threads", "1"], limit: "-v \(mebibytes << 10)")
        #expect(try server.ask(body: "a [MASK]").status == 200)
    }

    @Test func aModelThatCannotBeLoadedEndsTheServerWithOneLine() throws {
        let empty = try TemporaryDirectory()
        #expect(throws: ServerProcess.Failure.self) { try ServerProcess(empty.path) }
    }
}
