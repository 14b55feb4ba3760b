import Metrics

/// The metrics that are counted and timed of a model.
struct ServingMetrics: Sendable {
    let runningItems: Gauge
    let queueItems: Gauge
    let queueTokens: Gauge
    let batchItems: Recorder
    let batchTokens: Recorder
    let queueTime: Metrics.Timer
    let tokenizationTime: Metrics.Timer
    let forwardTime: Metrics.Timer
    let predictedForwardTime: Metrics.Timer
    let encodingTime: Metrics.Timer
    let predictionError: Gauge
    private let series: ModelSeries

    /// Those of a model, which they name in the dimension `model`.
    init(_ factory: any MetricsFactory, model: String) {
        series = ModelSeries(of: model, in: factory)
        runningItems = series.gauge("penstock_running_items")
        queueItems = series.gauge("penstock_queue_items")
        queueTokens = series.gauge("penstock_queue_tokens")
        batchItems = series.recorder("penstock_batch_items")
        batchTokens = series.recorder("penstock_batch_tokens")
        queueTime = series.timer("penstock_queue_seconds")
        tokenizationTime = series.timer("penstock_tokenization_seconds")
        forwardTime = series.timer("penstock_forward_seconds")
        predictedForwardTime = series.timer("penstock_forward_predicted_seconds")
        encodingTime = series.timer("penstock_encoding_seconds")
        predictionError = series.gauge("penstock_prediction_relative_error")
    }

    /// Counts a request that the gate turned away.
    func countRejection(_ error: ServingError) {
        series.counter("penstock_rejections_total", [("reason", error.code.rawValue)]).increment()
    }
}
