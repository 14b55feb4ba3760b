import HTTPTypes
import Logging
import PenstockHTTP
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// What is told of requests.
@Suite struct RequestRecordTests {
    private final class Records: Sendable {
        private let records = Mutex<[RequestRecord]>([])

        func add(_ record: RequestRecord) { records.withLock { $0.append(record) } }

        var last: RequestRecord? { records.withLock { $0.last } }
        var count: Int { records.withLock { $0.count } }
    }

    @Test func aRequestIsToldWithItsKeyModelTokensAndTimes() async throws {
        let records = Records()
        let server = try TestServer(
            checkpoint: "bert-tiny", keys: KeyStore(["secret"]), report: { records.add($0) })
        let reply = try await server.send(
            .post, "/?top_k=2", [.authorization: "Bearer secret", .requestID: "mine"], body: Array("a [MASK]".utf8))
        #expect(reply.status == 200)
        let record = try #require(records.last)
        #expect(record.id == "mine" && record.method == "POST" && record.path == "/" && record.status == 200)
        #expect(record.code == nil && record.facts.key == "key-1" && record.facts.model == "bert-tiny")
        #expect(record.facts.task == "fill-mask" && record.facts.tokens == 4)
        let timing = try #require(record.facts.timing)
        #expect(timing.inference > .zero && record.duration >= timing.queue + timing.inference)
        #expect(!"\(record)".contains("secret"))
        #expect(!"\(record)".contains("MASK"))
    }

    /// A stream is told of when it has ended, with all of its tokens.
    @Test(arguments: [false, true])
    func aTextIsToldWithItsTokens(isStreamed: Bool) async throws {
        let records = Records()
        let checkpoint = try DecoderCheckpoint("llama", generation: #"{"eos_token_id": null}"#)
        let server = try TestServer(report: { records.add($0) }) { server in
            [
                try ModelSource(name: "llama", directory: checkpoint.path, serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
        let body = #"{"inputs": "t5 t6", "parameters": {"max_new_tokens": 5}, "stream": \#(isStreamed)}"#
        #expect(try await server.post(body, to: "/").status == 200)
        while records.last == nil { await Task.yield() }
        let facts = try #require(records.last).facts
        #expect(records.count == 1 && facts.generation?.generatedTokens == 5 && facts.tokens == 2)
        #expect((facts.timing?.inference ?? .zero) > .zero)
    }

    /// A key that somebody puts into the query is not known as one, and not told.
    @Test func aQueryIsNotTold() async throws {
        let records = Records()
        let server = try TestServer(checkpoint: "bert-tiny", report: { records.add($0) })
        let reply = try await server.send(.post, "/?key=secret", body: Array("a [MASK]".utf8))
        #expect(reply.status == 422)
        let record = try #require(records.last)
        #expect(record.path == "/" && !"\(record)".contains("secret"))
    }

    @Test(arguments: [
        ("/", "wrong", 401, "invalid_api_key"), ("/nothing", "secret", 404, "not_found"),
        ("/", "secret", 422, "invalid_inputs"),
        ("/models/none", "secret", 404, "model_not_found"),
    ])
    func whatIsRefusedIsToldWithItsCode(path: String, key: String, status: Int, code: String) async throws {
        let records = Records()
        let server = try TestServer(
            checkpoint: "bert-tiny", keys: KeyStore(["secret"]), report: { records.add($0) })
        _ = try await server.send(.post, path, [.authorization: "Bearer \(key)"], body: Array("no mask".utf8))
        #expect(records.count == 1)
        #expect(records.last?.status == status && records.last?.code == code && records.last?.path == path)
        #expect(records.last?.facts.key == (key == "secret" ? "key-1" : nil))
    }

    @Test func whatIsNoRequestIsToldToo() throws {
        let records = Records()
        var configuration = ServerConfiguration()
        configuration.reportRequest = { records.add($0) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = PenstockServer(configuration, on: try Scheduler(threads: 1), logger: logger)
        let connection = try FakeConnection(countRefusal: server.tellOfRefusal)
        try connection.send("nonsense\r\n\r\n")
        #expect(try connection.sent.hasPrefix("HTTP/1.1 400 "))
        let record = try #require(records.last)
        #expect(records.count == 1 && record.status == 400 && record.code == "malformed_request")
        #expect(record.method == "-" && record.path == "-" && !record.id.isEmpty)
    }

    @Test func aPathIsCut() async throws {
        let records = Records()
        let server = try TestServer(report: { records.add($0) }) { _ in [] }
        _ = try await server.send(.get, "/" + String(repeating: "x", count: 5000))
        #expect(records.last.map { $0.path.count < 300 } == true)
    }

    @Test func everyAnswerHasTheHeadersThatKeepBrowsersAway() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        for (method, path) in [
            (HTTPRequest.Method.get, "/health"), (.get, "/nothing"), (.delete, "/health"), (.post, "/"),
            (.options, "/"),
            (.get, "/metrics"), (.get, "/info"),
        ] {
            let headers = try await server.send(method, path, body: Array("a [MASK]".utf8)).headers
            #expect(headers[.xContentTypeOptions] == "nosniff", "\(method) \(path)")
            #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
            #expect(headers[.cacheControl] == "no-store")
        }
        let connection = try FakeConnection()
        try connection.send("nonsense\r\n\r\n")
        #expect(try connection.sent.contains("X-Content-Type-Options: nosniff\r\n"))
    }
}
