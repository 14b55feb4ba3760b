import Metrics

/// What is counted and timed of a model.
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
    private let model: String
    private let factory: any MetricsFactory

    /// Those of a model, which they name in the dimension `model`.
    init(_ factory: any MetricsFactory, model: String) {
        (self.factory, self.model) = (factory, model)
        let dimensions = [("model", model)]
        queueItems = Gauge(label: "penstock_queue_items", dimensions: dimensions, factory: factory)
        queueTokens = Gauge(label: "penstock_queue_tokens", dimensions: dimensions, factory: factory)
        batchItems = Recorder(label: "penstock_batch_items", dimensions: dimensions, aggregate: true, factory: factory)
        batchTokens = Recorder(
            label: "penstock_batch_tokens", dimensions: dimensions, aggregate: true, factory: factory)
        queueTime = Metrics.Timer(label: "penstock_queue_seconds", dimensions: dimensions, factory: factory)
        tokenizationTime = Metrics.Timer(
            label: "penstock_tokenization_seconds", dimensions: dimensions, factory: factory)
        forwardTime = Metrics.Timer(label: "penstock_forward_seconds", dimensions: dimensions, factory: factory)
        predictedForwardTime = Metrics.Timer(
            label: "penstock_forward_predicted_seconds", dimensions: dimensions, factory: factory)
        encodingTime = Metrics.Timer(label: "penstock_encoding_seconds", dimensions: dimensions, factory: factory)
        predictionError = Gauge(label: "penstock_prediction_relative_error", dimensions: dimensions, factory: factory)
    }

    /// Counts a request that the gate turned away.
    func countRejection(_ error: ServingError) {
        let dimensions = [("model", model), ("reason", error.code.rawValue)]
        Counter(label: "penstock_rejections_total", dimensions: dimensions, factory: factory).increment()
    }
}
