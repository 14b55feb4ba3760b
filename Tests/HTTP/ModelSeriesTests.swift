import HTTPTypes
import Metrics
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What `/metrics` shows of models that come and go.
@Suite struct ModelSeriesTests {
    /// The lines of `/metrics` about a model.
    private static func lines(of model: String, _ server: TestServer) async throws -> [String] {
        let text = String(decoding: try await server.send(.get, "/metrics").bytes, as: UTF8.self)
        return text.split(separator: "\n").map(String.init).filter { $0.contains(#"model="\#(model)""#) }
    }

    @Test func theLastHolderDropsWhatAnyHasCounted() {
        let registry = PrometheusRegistry()
        var first: ModelSeries? = ModelSeries(of: "m", in: registry)
        var second: ModelSeries? = ModelSeries(of: "m", in: registry)
        let other = ModelSeries(of: "other", in: registry)
        first?.counter("a_total", [("kind", "x")]).increment()
        first = nil
        second?.counter("a_total", [("kind", "x")]).increment()
        other.counter("b_total").increment()
        #expect(registry.exposition().contains(#"a_total{kind="x",model="m"} 2"#))
        second = nil
        #expect(!registry.exposition().contains(#"model="m""#))
        second = ModelSeries(of: "m", in: registry)
        second?.counter("a_total", [("kind", "x")]).increment()
        #expect(registry.exposition().contains(#"a_total{kind="x",model="m"} 1"#))
        #expect(registry.exposition().contains(#"b_total{model="other"} 1"#))
        withExtendedLifetime((second, other)) {}
    }

    @Test func backendsHaveTheirOwn() {
        let registries = [PrometheusRegistry(), PrometheusRegistry()]
        let series = registries.map { ModelSeries(of: "m", in: $0) }
        series[0].counter("a_total").increment()
        #expect(registries[0].exposition().contains("a_total") && registries[1].exposition() == "")
        withExtendedLifetime(series) {}
    }

    @Test func anUnloadedModelLeavesNoSeries() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        for text in ["a [MASK]", "no mask"] { _ = try await server.post(text) }
        #expect(try await Self.lines(of: "bert-tiny", server).count > 10)
        try server.store.unload("bert-tiny")
        // The scheduler's thread lets go of it when it gets to it.
        while try await !Self.lines(of: "bert-tiny", server).isEmpty { await Task.yield() }
        #expect(try await server.send(.get, "/metrics").status == 200)
    }

    @Test func oneOfTheSameNameGoesOnCounting() async throws {
        var former: ServedModel?
        let server = try TestServer { server in
            let pipeline = try JSONPipeline(directory: Fixtures.checkpoint("bert-tiny"), task: nil)
            let models = try (0..<2).map { _ in
                try ServedModel(
                    pipeline, named: "m", .patient(), on: server.store.scheduler, metrics: server.registry)
            }
            former = models[0]
            return models
        }
        _ = try await former?.answer(.string("a [MASK]"))
        _ = try await server.post("a [MASK]")
        weak let held = former
        former = nil
        while held != nil { await Task.yield() }
        _ = try await server.post("b [MASK]")
        let lines = try await Self.lines(of: "m", server)
        for line in [
            #"penstock_requests_total{model="m",outcome="ok"} 2"#,
            #"penstock_forward_seconds_count{model="m"} 3"#, #"penstock_queue_seconds_count{model="m"} 3"#,
        ] { #expect(lines.contains(line), "\(line)") }
        try server.store.unload("m")
        while try await !Self.lines(of: "m", server).isEmpty { await Task.yield() }
    }
}
