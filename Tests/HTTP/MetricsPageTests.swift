import Foundation
import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Names of metrics for programs of others: the dashboard, and those of other servers.
@Suite struct MetricsPageTests {
    /// The metrics of an encoder and of a decoder that have answered.
    private func metrics(_ compatibility: [CompatibleMetrics] = []) async throws -> PrometheusParser {
        var serving = ServingConfiguration.patient()
        serving.keyValueBytes = 1 << 20
        let decoder = try DecoderCheckpoint("llama", generation: #"{"eos_token_id": null}"#)
        let server = try TestServer(
            change: { $0.metricsCompatibility = compatibility },
            models: { server in
                try [("bert-tiny", Fixtures.checkpoint("bert-tiny")), ("llama", decoder.path)].map { name, path in
                    try ModelSource(name: name, directory: path, serving: serving)
                        .load(on: server.store.scheduler, metrics: server.registry)
                }
            })
        #expect(try await server.post("the [MASK]", as: "text/plain").status == 200)
        #expect(try await server.post(#"{"inputs": 1}"#, to: "/").status == 422)
        let text = #"{"inputs": "t5 t6", "parameters": {"max_new_tokens": 3}}"#
        #expect(try await server.post(text, to: "/models/llama").status == 200)
        return try PrometheusParser(try await server.send(.get, "/metrics").text)
    }

    /// The names in queries: whatever begins like ours, but for what rules record.
    private static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /(?:[a-z_]+:)?penstock_[a-z_]+/).map { String($0.output) }).filter {
            $0.hasPrefix("penstock_")
        }
    }

    private static func text(of file: String) throws -> String {
        try String(contentsOfFile: "\(Fixtures.repository)/\(file)", encoding: .utf8)
    }

    @Test(arguments: [("docs/grafana.json", 30), ("deploy/prometheus/rules.yaml", 9)])
    func everyMetricIsThereThatIsWatched(file: String, atLeast count: Int) async throws {
        let named = Self.names(in: try Self.text(of: file))
        #expect(named.count > count)
        // Nothing was turned away, loaded or let go of here; what these are called is in the source.
        let rare: Set = [
            "penstock_rejections_total", "penstock_model_loads_total", "penstock_model_unloads_total",
        ]
        let known = Set(try await metrics().samples.map(\.name))
        #expect(named.subtracting(known).subtracting(rare).isEmpty)
        #expect(rare.isSubset(of: Self.names(in: try Self.text(of: "Sources/HTTP/APIs/MetricsAPI.swift"))))
    }

    @Test func theDashboardIsJSON() throws { _ = try JSONValue(parsing: try Self.text(of: "docs/grafana.json").utf8) }

    @Test func namesOfVLLM() async throws {
        let samples = try await metrics([.vllm]).samples
        func value(_ name: String, _ model: String) -> Double? {
            samples.first { $0.name == name && $0.labels["model_name"] == model && $0.labels["engine"] == "0" }?.value
        }
        #expect(value("vllm:num_requests_waiting", "bert-tiny") == 0)
        #expect(value("vllm:num_requests_running", "bert-tiny") == 0)
        #expect(value("vllm:num_requests_running", "llama") == 0)
        #expect(value("vllm:request_success_total", "bert-tiny") == 1)
        #expect(value("vllm:generation_tokens_total", "llama") == 3)
        #expect(value("vllm:time_to_first_token_seconds_count", "llama") == 1)
        #expect((0...1).contains(value("vllm:kv_cache_usage_perc", "llama") ?? -1))
        #expect(value("vllm:kv_cache_usage_perc", "bert-tiny") == nil)
        #expect(!samples.contains { $0.name.hasPrefix("te_") })
    }

    @Test func namesOfTextEmbeddingsInference() async throws {
        let samples = try await metrics([.tei]).samples.filter { $0.labels["model"] == "bert-tiny" }
        func values(_ name: String) -> [Double] { samples.filter { $0.name == name }.map(\.value) }
        #expect(values("te_request_count") == [2])
        #expect(values("te_request_success") == [1])
        let failures = samples.filter { $0.name == "te_request_failure" }
        #expect(failures.map { $0.labels["err"] } == ["invalid_inputs"])
        #expect(values("te_queue_size") == [0])
        #expect(values("te_batch_next_size_count").first ?? 0 >= 1)
        #expect(values("te_request_duration_count") == [2])
    }
}
