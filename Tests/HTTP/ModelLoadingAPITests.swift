import PenstockHTTP
import PenstockServing
import PenstockTestSupport
import Testing

/// Models that are loaded when somebody asks for them.
@Suite struct ModelLoadingAPITests {
    /// A server whose models are announced.
    private static func server(loadTimeout: Duration) throws -> TestServer {
        let server = try TestServer(change: { $0.loadTimeout = loadTimeout }) { _ in [] }
        server.store.announce([
            ModelSource(name: "masks", directory: Fixtures.checkpoint("bert-tiny"), serving: .patient()),
            ModelSource(name: "sentences", directory: Fixtures.checkpoint("st-mean"), serving: .patient()),
        ])
        return server
    }

    @Test func aRequestWaitsForItsModel() async throws {
        let server = try Self.server(loadTimeout: .seconds(3600))
        let waiting = Task { try await server.post(#"{"input": "a"}"#, to: "/v1/embeddings") }
        let named = Task { try await server.post(#"{"inputs": "a [MASK]"}"#, to: "/models/masks") }
        let loading = Task { await server.store.loadAsNeeded { _ in } }
        defer { loading.cancel() }
        #expect(try await named.value.status == 200)
        // Nobody knows yet which model has embeddings, so that it was for the first.
        let first = try await waiting.value
        #expect([200, 422, 400].contains(first.status))
        while server.store.readiness == .loading { await Task.yield() }
        #expect(try await server.post(#"{"input": "a"}"#, to: "/v1/embeddings").status == 200)
    }

    @Test func withoutTimeToWaitItIsToldWhenToComeBack() async throws {
        let server = try Self.server(loadTimeout: .zero)
        let native = try await server.post(#"{"inputs": "a"}"#, to: "/models/sentences")
        #expect(try native.status == 503 && native.errorCode == "model_loading")
        // Of two loads of which nothing is known.
        #expect(native.headers[.retryAfter] == "4")
        let openAI = try await server.post(#"{"input": "a", "model": "sentences"}"#, to: "/v1/embeddings")
        #expect(try openAI.status == 503 && openAI.json["error"]?["type"]?.string == "server_error")
    }

    @Test func whatIsTheMatterIsListed() async throws {
        let server = try TestServer { _ in [] }
        server.store.announce([ModelSource(name: "broken", directory: "/not here/at all", serving: .patient())])
        #expect(try await server.send(.get, "/ready").status == 503)
        let loading = Task { await server.store.loadAsNeeded { _ in } }
        defer { loading.cancel() }
        while server.store.readiness == .loading { await Task.yield() }
        #expect(try await server.send(.get, "/ready").json["status"]?.string == "failed")
        let model = try await server.send(.get, "/models").json["models"]?.array?.first
        #expect(model?["status"]?.string == "failed")
        // Where models lie is for the log.
        #expect(model?["error"]?.string?.contains("all: no such file or directory") == true)
        #expect(model?["error"]?.string?.contains("not here") == false)
        let work = try await server.post(#"{"inputs": "a"}"#, to: "/models/broken")
        #expect(try work.status == 503 && work.errorCode == "not_ready" && work.headers[.retryAfter] == nil)
        let metrics = try await server.send(.get, "/metrics").text
        #expect(metrics.contains(#"penstock_model_loads_total{model="broken",outcome="failed"} 1"#))
        #expect(metrics.contains("penstock_models_loaded 0"))
        #expect(metrics.contains("penstock_models_waiting 0"))
    }
}
