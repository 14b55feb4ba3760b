import Metrics
import PenstockServing

/// Counts requests by how they ended, and times those to models.
struct RequestCounter: Sendable {
    private static let label = "penstock_requests_total"

    let metrics: any MetricsFactory
    let store: ModelStore

    /// Counts a request.
    ///
    /// - Parameters:
    ///   - outcome: `ok`, or the code of its error
    ///   - model: the name of the model that it was to; nil for none
    ///   - start: when it came
    func count(outcome: String, of model: String?, since start: ContinuousClock.Instant) {
        guard let series = model.flatMap(store.series(of:)) else {
            return Self.count(outcome: outcome, in: metrics)
        }
        series.counter(Self.label, [("outcome", outcome)]).increment()
        series.timer("penstock_request_seconds").record(duration: start.duration(to: .now))
    }

    /// Counts a request that was to no model by how it ended.
    static func count(outcome: String, in metrics: any MetricsFactory) {
        Counter(label: label, dimensions: [("model", ""), ("outcome", outcome)], factory: metrics).increment()
    }
}
