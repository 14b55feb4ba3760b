import Metrics

/// What the model's side of the server counts and times.
struct ServingMetrics: Sendable {
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
    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        queueItems = Gauge(label: "penstock_queue_items", factory: factory)
        queueTokens = Gauge(label: "penstock_queue_tokens", factory: factory)
        batchItems = Recorder(label: "penstock_batch_items", dimensions: [], aggregate: true, factory: factory)
        batchTokens = Recorder(label: "penstock_batch_tokens", dimensions: [], aggregate: true, factory: factory)
        queueTime = Metrics.Timer(label: "penstock_queue_seconds", factory: factory)
        tokenizationTime = Metrics.Timer(label: "penstock_tokenization_seconds", factory: factory)
        forwardTime = Metrics.Timer(label: "penstock_forward_seconds", factory: factory)
        predictedForwardTime = Metrics.Timer(label: "penstock_forward_predicted_seconds", factory: factory)
        encodingTime = Metrics.Timer(label: "penstock_encoding_seconds", factory: factory)
        predictionError = Gauge(label: "penstock_prediction_relative_error", factory: factory)
    }

    /// Counts a request that the gate turned away.
    func countRejection(_ error: ServingError) {
        Counter(label: "penstock_rejections_total", dimensions: [("reason", error.code.rawValue)], factory: factory)
            .increment()
    }
}
