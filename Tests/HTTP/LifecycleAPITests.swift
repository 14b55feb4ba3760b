import HTTPTypes
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct LifecycleAPITests {
    @Test func beforeTheModelIsThereWorkIsToComeBack() async throws {
        let server = try TestServer { _ in nil }
        #expect(try await server.send(.get, "/health").status == 200)
        for (method, path) in [(HTTPRequest.Method.get, "/ready"), (.post, "/"), (.get, "/info")] {
            let reply = try await server.send(method, path, body: Array("a [MASK]".utf8))
            #expect(reply.status == 503, "\(path)")
            #expect(reply.headers[.retryAfter] == "2", "\(path)")
            if path != "/ready" { #expect(try reply.errorCode == "model_loading") }
        }
        #expect(try await server.send(.get, "/ready").json["status"]?.string == "loading")
    }

    @Test func aDrainingServerSaysSoAndClosesConnections() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        #expect(try await server.send(.get, "/ready").status == 200)
        server.store.drain()
        let ready = try await server.send(.get, "/ready")
        #expect(ready.status == 503)
        #expect(try ready.json["status"]?.string == "draining")
        let work = try await server.post("a [MASK]")
        #expect(work.status == 503)
        #expect(try work.errorCode == "shutting_down")
        #expect(work.headers[.connection] == "close")
        #expect(try await server.send(.get, "/health").status == 200)
    }

    @Test func aLeavingServerSaysSoAndStillTakesRequests() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        server.store.leave()
        #expect(try await server.send(.get, "/ready").json["status"]?.string == "draining")
        let work = try await server.post("a [MASK]")
        #expect(work.status == 200)
        #expect(work.headers[.connection] == "close")
        server.store.drain()
        #expect(try await server.post("a [MASK]").status == 503)
    }

    @Test func everyAnswerTellsTheLoad() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let replies = [
            try await server.post("a [MASK]"), try await server.post("no mask"), try await server.send(.get, "/ready"),
            try await server.send(.get, "/nothing"),
        ]
        for reply in replies {
            let load = try #require(reply.headers[.load].flatMap(Double.init))
            #expect((0...60).contains(load))
        }
        // Nothing runs, and nothing waits.
        while try await server.send(.get, "/health").headers[.load] != "0.0" { await Task.yield() }
    }

    @Test func everyAnswerTellsItsTimeAndItsId() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let good = try await server.post("a [MASK]")
        let timing = try #require(good.headers[.serverTiming])
        for name in ["queue;dur=", "inference;dur=", "batch;desc=\"1\"", "total;dur="] {
            #expect(timing.contains(name))
        }
        let bad = try await server.post("no mask")
        #expect(bad.headers[.serverTiming]?.hasPrefix("total;dur=") == true)
        #expect(bad.headers[.requestID]?.count == 16)
    }

    @Test func outcomesAreCounted() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        for text in ["a [MASK]", "no mask", "b [MASK]"] { _ = try await server.post(text) }
        let metrics = try await server.send(.get, "/metrics")
        #expect(metrics.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
        let lines = Set(String(decoding: metrics.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
        for line in [
            #"penstock_requests_total{model="bert-tiny",outcome="ok"} 2"#,
            #"penstock_requests_total{model="bert-tiny",outcome="invalid_inputs"} 1"#,
            #"penstock_queue_items{model="bert-tiny"} 0"#, #"penstock_batch_items_count{model="bert-tiny"} 2"#,
            #"penstock_forward_seconds_count{model="bert-tiny"} 2"#,
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func anAnswerThatWouldNotFitTheMemoryIsRefused() async throws {
        let server = try TestServer(checkpoint: "bert-encoder", maxBodyBytes: 1 << 22)
        let texts = [String](repeating: "\"the of and to in is was he for it\"", count: 30_000).joined(separator: ",")
        let reply = try await server.post("{\"inputs\": [\(texts)]}", as: "application/json")
        #expect(reply.status == 413)
        #expect(try reply.errorCode == "answer_too_large")
    }
}
