import Metrics

/// The metrics of a model that generates.
struct GenerationMetrics: Sendable {
    /// From a request's submission to a sequence's first token.
    let firstToken: Metrics.Timer
    /// From one token of a sequence to the next that comes in another step.
    let tokenGap: Metrics.Timer
    /// Tokens of prompts that were computed or found in the cache.
    let promptTokens: Counter
    /// Tokens of prompts that were found in the cache.
    let cachedTokens: Counter
    let generatedTokens: Counter
    /// Pages that sequences compute with.
    let usedPages: Gauge
    /// Pages that are only kept for texts that begin alike.
    let cachedPages: Gauge
    let freePages: Gauge
    /// Tokens that were guessed and computed.
    let guessedTokens: Counter
    /// Those of them that were right.
    let rightTokens: Counter
    /// Sequences that were set back for want of pages.
    let preemptions: Counter
    private let series: ModelSeries

    /// Those of a model, which they name in the dimension `model`.
    init(_ factory: any MetricsFactory, model: String) {
        series = ModelSeries(of: model, in: factory)
        firstToken = series.timer("penstock_time_to_first_token_seconds")
        tokenGap = series.timer("penstock_token_gap_seconds")
        promptTokens = series.counter("penstock_prompt_tokens_total")
        cachedTokens = series.counter("penstock_prompt_tokens_cached_total")
        generatedTokens = series.counter("penstock_generated_tokens_total")
        usedPages = series.gauge("penstock_kv_pages_used")
        cachedPages = series.gauge("penstock_kv_pages_cached")
        freePages = series.gauge("penstock_kv_pages_free")
        guessedTokens = series.counter("penstock_lookup_tokens_total")
        rightTokens = series.counter("penstock_lookup_tokens_accepted_total")
        preemptions = series.counter("penstock_preemptions_total")
    }
}
