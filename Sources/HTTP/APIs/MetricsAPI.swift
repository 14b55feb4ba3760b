import Hummingbird
import NIOCore
import PenstockServing

/// `GET /metrics`: what is counted and timed, as Prometheus reads it.
struct MetricsAPI: Sendable {
    let store: ModelStore
    let registry: PrometheusRegistry
    /// The servers under whose names metrics are told, too.
    var compatibility: [CompatibleMetrics] = []
    /// True if whoever asks is told of all models, whatever key they have.
    var tellsAll = false

    var routes: [RouteTable.Route] {
        [
            .init(method: .get, path: "/metrics") { _, context in
                let caller = tellsAll ? Caller.anybody : context.caller
                // Of many models it takes milliseconds, in which the event loop has others to see to.
                let text = await withTaskExecutorPreference(globalConcurrentExecutor) {
                    await exposition(for: caller)
                }
                return Response(
                    status: .ok, headers: [.contentType: PrometheusRegistry.contentType],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
            }
        ]
    }

    /// Metrics of the models that the caller may use, and those of none.
    @concurrent private func exposition(for caller: Caller) async -> String {
        store.recordState()
        let text = registry.exposition(ofModels: caller.mayUse)
        guard !compatibility.isEmpty else { return text }
        let values = registry.values(ofModels: caller.mayUse)
        var more = PrometheusText()
        for server in compatibility { server.write(values, to: &more) }
        return text + more.text
    }

    /// Returns a registry that knows what the metrics of a server mean.
    static func registry() -> PrometheusRegistry {
        PrometheusRegistry(
            buckets: ["penstock_batch_items": .counts, "penstock_batch_tokens": .counts],
            help: [
                "penstock_requests_total": "Requests by model and outcome: ok, or the code of the error.",
                "penstock_request_seconds": "From a request's head to its answer, or the first part of a stream.",
                "penstock_rejections_total": "Requests that the gate turned away, by reason.",
                "penstock_models_loaded": "Models that are loaded.",
                "penstock_models_waiting": "Models that wait for others to make room for them.",
                "penstock_memory_reserved_bytes":
                    "Bytes that models have reserved, the workspace that they share included.",
                "penstock_memory_budget_bytes": "Bytes that models may reserve; 0 if there is no budget.",
                "penstock_model_loads_total": "Loads of a model by outcome: ok or failed.",
                "penstock_model_unloads_total":
                    "Times that a model was let go by reason: evicted, removed or replaced.",
                "penstock_model_load_seconds": "Loading and warming up, without downloads.",
                "penstock_load_seconds":
                    "Predicted seconds in which all work that is here would be done, that of all models.",
                "penstock_queue_items": "Sequences that wait for a batch, without texts that go on.",
                "penstock_running_items": "Sequences of the running batch, and texts that go on.",
                "penstock_queue_tokens": "Tokens that wait for a batch.",
                "penstock_batch_items": "Sequences of a batch.",
                "penstock_batch_tokens": "Tokens of a batch.",
                "penstock_queue_seconds": "From a request's submission to the start of its first batch.",
                "penstock_tokenization_seconds": "Checking and tokenizing a request.",
                "penstock_forward_seconds": "The forward pass of a batch.",
                "penstock_forward_predicted_seconds": "What the cost model expected a forward pass to take.",
                "penstock_encoding_seconds": "Writing a request's answer as JSON.",
                "penstock_time_to_first_token_seconds": "From a request's submission to the first token of a text.",
                "penstock_token_gap_seconds":
                    "From one token of a text to the next; those that come together count as one.",
                "penstock_prompt_tokens_total": "Tokens of prompts.",
                "penstock_prompt_tokens_cached_total": "Tokens of prompts whose keys and values were there already.",
                "penstock_generated_tokens_total": "Tokens of generated texts.",
                "penstock_kv_pages_used": "Pages of keys and values of texts that are being generated.",
                "penstock_kv_pages_cached": "Pages of keys and values that are kept until others need them.",
                "penstock_kv_pages_free": "Pages of keys and values that hold nothing.",
                "penstock_lookup_tokens_total": "Tokens that were guessed by --lookup, and computed.",
                "penstock_lookup_tokens_accepted_total": "Tokens that were guessed right.",
                "penstock_preemptions_total": "Texts that gave their pages to older ones, and were computed once more.",
                "penstock_telemetry_spans_dropped_total":
                    "Spans that were not sent: too many waited, or the collector refused them.",
                "penstock_prediction_relative_error": "Mean relative error of the cost model over recent batches.",
            ])
    }
}
