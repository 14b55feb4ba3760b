import Metrics
import Synchronization

/// The series that a backend of metrics keeps of a model, by the model's name in the dimension `model`.
///
/// The model of a name holds its series: one that replaces another of its name goes on with what that one has counted. With
/// the last who holds them they are dropped.
package final class ModelSeries: Sendable {
    private let name: SeriesName
    private let metrics: ModelMetrics

    /// The handlers that all who hold a name share, and the number of holders.
    private struct Shared {
        let metrics: ModelMetrics
        var holders = 0
    }

    private static let shared = Mutex<[SeriesName: Shared]>([:])

    /// Holds the series of a model.
    package init(of model: String, in factory: any MetricsFactory) {
        let name = SeriesName(model, factory)
        self.name = name
        metrics = Self.shared.withLock { shared in
            var entry = shared[name] ?? Shared(metrics: ModelMetrics(model, factory))
            entry.holders += 1
            shared[name] = entry
            return entry.metrics
        }
    }

    deinit {
        Self.shared.withLock { shared in
            shared[name]?.holders -= 1
            guard shared[name]?.holders == 0 else { return }
            shared[name] = nil
            // Under the lock: who comes next makes new series, and not these once more.
            metrics.destroy()
        }
    }

    /// A sum.
    package func counter(_ label: String, _ dimensions: [(String, String)] = []) -> Counter {
        metrics.metric(label, dimensions) { Counter(label: label, dimensions: $0, factory: $1) }
    }

    /// A value that goes up and down.
    func gauge(_ label: String) -> Gauge {
        metrics.metric(label) { Gauge(label: label, dimensions: $0, factory: $1) }
    }

    /// A distribution of numbers.
    func recorder(_ label: String) -> Recorder {
        metrics.metric(label) { Recorder(label: label, dimensions: $0, aggregate: true, factory: $1) }
    }

    /// A distribution of durations.
    package func timer(_ label: String) -> Metrics.Timer {
        metrics.metric(label) { Metrics.Timer(label: label, dimensions: $0, factory: $1) }
    }
}

/// A model's name in a backend.
private struct SeriesName: Hashable {
    let model: String
    let backend: ObjectIdentifier

    /// Backends are told apart as objects; of one that is a value, a process has no second.
    init(_ model: String, _ factory: any MetricsFactory) {
        self.model = model
        if let object = factory as? any MetricsFactory & AnyObject {
            backend = ObjectIdentifier(object)
        } else {
            backend = ObjectIdentifier(type(of: factory))
        }
    }
}

/// Something of swift-metrics that its backend can be told to forget.
private protocol DestroyableMetric: AnyObject, Sendable {
    func destroy()
}

extension Counter: DestroyableMetric {}
extension Recorder: DestroyableMetric {}
extension Metrics.Timer: DestroyableMetric {}

/// The metrics of a name that were asked for, each made once.
private final class ModelMetrics: Sendable {
    private let model: String
    private let factory: any MetricsFactory
    private let made = Mutex<[[String]: any DestroyableMetric]>([:])

    init(_ model: String, _ factory: any MetricsFactory) { (self.model, self.factory) = (model, factory) }

    func metric<Metric: DestroyableMetric>(
        _ label: String, _ dimensions: [(String, String)] = [],
        make: (_ dimensions: [(String, String)], any MetricsFactory) -> Metric
    ) -> Metric {
        let id = [label] + dimensions.flatMap { [$0.0, $0.1] }
        return made.withLock { made in
            if let metric = made[id] as? Metric { return metric }
            let metric = make([("model", model)] + dimensions, factory)
            made[id] = metric
            return metric
        }
    }

    func destroy() {
        made.withLock { made in
            for metric in made.values { metric.destroy() }
            made = [:]
        }
    }
}
