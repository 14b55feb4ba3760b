/// The names that other servers have for what is counted here, for dashboards and autoscalers that were made for them.
///
/// Names and labels: <https://docs.vllm.ai/en/latest/design/metrics.html> and the `/metrics` of Text Embeddings Inference.
package enum CompatibleMetrics: String, Sendable, CaseIterable {
    case vllm
    case tei

    /// A name of another server, and that of ours whose values it has.
    struct Alias: Sendable {
        let name: String
        let source: String
        /// The value of the label `outcome` that series have to have, or not to have; nil if that does not matter.
        var outcome: Outcome?

        enum Outcome: Sendable {
            case succeeded
            case failed
        }
    }

    /// The names that the server has.
    var aliases: [Alias] {
        switch self {
        case .vllm:
            [
                Alias(name: "vllm:num_requests_running", source: "penstock_running_items"),
                Alias(name: "vllm:num_requests_waiting", source: "penstock_queue_items"),
                Alias(name: "vllm:prompt_tokens_total", source: "penstock_prompt_tokens_total"),
                Alias(name: "vllm:generation_tokens_total", source: "penstock_generated_tokens_total"),
                Alias(name: "vllm:prefix_cache_queries_total", source: "penstock_prompt_tokens_total"),
                Alias(name: "vllm:prefix_cache_hits_total", source: "penstock_prompt_tokens_cached_total"),
                Alias(name: "vllm:num_preemptions_total", source: "penstock_preemptions_total"),
                Alias(name: "vllm:time_to_first_token_seconds", source: "penstock_time_to_first_token_seconds"),
                Alias(name: "vllm:inter_token_latency_seconds", source: "penstock_token_gap_seconds"),
                Alias(name: "vllm:time_per_output_token_seconds", source: "penstock_token_gap_seconds"),
                Alias(name: "vllm:e2e_request_latency_seconds", source: "penstock_request_seconds"),
                Alias(name: "vllm:request_queue_time_seconds", source: "penstock_queue_seconds"),
                Alias(name: "vllm:request_success_total", source: "penstock_requests_total", outcome: .succeeded),
            ]
        case .tei:
            [
                Alias(name: "te_request_count", source: "penstock_requests_total"),
                Alias(name: "te_request_success", source: "penstock_requests_total", outcome: .succeeded),
                Alias(name: "te_request_failure", source: "penstock_requests_total", outcome: .failed),
                Alias(name: "te_request_duration", source: "penstock_request_seconds"),
                Alias(name: "te_request_tokenization_duration", source: "penstock_tokenization_seconds"),
                Alias(name: "te_request_queue_duration", source: "penstock_queue_seconds"),
                Alias(name: "te_request_inference_duration", source: "penstock_forward_seconds"),
                Alias(name: "te_queue_size", source: "penstock_queue_items"),
                Alias(name: "te_batch_next_size", source: "penstock_batch_items"),
                Alias(name: "te_batch_next_tokens", source: "penstock_batch_tokens"),
            ]
        }
    }

    /// The labels of a series under a name of the server.
    fileprivate func labels(_ labels: [PrometheusLabel], _ outcome: Alias.Outcome?) -> [PrometheusLabel] {
        var result: [PrometheusLabel] = []
        for label in labels {
            switch (self, label.name) {
            case (.vllm, "model"): result.append(PrometheusLabel(name: "model_name", value: label.value))
            case (.vllm, "outcome"): result.append(PrometheusLabel(name: "finished_reason", value: "stop"))
            case (.tei, "outcome"):
                if outcome == .failed { result.append(PrometheusLabel(name: "err", value: label.value)) }
            default: result.append(label)
            }
        }
        if self == .vllm { result.append(PrometheusLabel(name: "engine", value: "0")) }
        return result.sorted()
    }

    /// Writes the metrics of a registry under the names of the server.
    func write(_ families: [PrometheusRegistry.FamilyValues], to text: inout PrometheusText) {
        for alias in aliases.sorted(by: { $0.name < $1.name }) {
            guard let family = families.first(where: { $0.name == alias.source }) else { continue }
            var sums: [[PrometheusLabel]: PrometheusValue] = [:]
            for series in family.series {
                let isOK = series.labels.contains { $0.name == "outcome" && $0.value == "ok" }
                switch alias.outcome {
                case .succeeded where !isOK, .failed where isOK: continue
                default: break
                }
                let labels = labels(series.labels, alias.outcome)
                sums[labels] = sums[labels].map { $0.adding(series.value) } ?? series.value
            }
            guard !sums.isEmpty else { continue }
            text.family(alias.name, family.type, help: family.help)
            for (labels, value) in sums.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                text.write(alias.name, labels, value)
            }
        }
        if self == .vllm { writeRatioOfPages(families, to: &text) }
    }

    /// Writes the share of the pages of keys and values that are in use, under both names that it has had.
    private func writeRatioOfPages(_ families: [PrometheusRegistry.FamilyValues], to text: inout PrometheusText) {
        func pages(_ kind: String) -> [[PrometheusLabel]: Double] {
            var pages: [[PrometheusLabel]: Double] = [:]
            for series in families.first(where: { $0.name == "penstock_kv_pages_\(kind)" })?.series ?? [] {
                if case .number(let number) = series.value { pages[series.labels] = number }
            }
            return pages
        }
        let (used, cached, free) = (pages("used"), pages("cached"), pages("free"))
        guard !used.isEmpty else { return }
        for name in ["vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc"] {
            text.family(name, .gauge, help: "The share of the pages of keys and values that are in use, from 0 to 1.")
            for (labels, count) in used.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let all = count + cached[labels, default: 0] + free[labels, default: 0]
                text.write(name, self.labels(labels, nil), .number(all > 0 ? count / all : 0))
            }
        }
    }
}

extension PrometheusValue {
    /// The sum with a value of the same kind; of others this one.
    fileprivate func adding(_ other: PrometheusValue) -> PrometheusValue {
        switch (self, other) {
        case (.number(let a), .number(let b)): .number(a + b)
        case (.histogram(let a, let bounds, let sum), .histogram(let b, let same, let rest)) where bounds == same:
            .histogram(counts: zip(a, b).map { $0 &+ $1 }, upperBounds: bounds, sum: sum + rest)
        default: self
        }
    }
}
