import Metrics
import Synchronization

/// Keeps the metrics of the process for Prometheus: a backend of swift-metrics.
///
/// | swift-metrics | Prometheus |
/// |---|---|
/// | `Counter`, `FloatingPointCounter` | counter |
/// | `Gauge`, `Meter`, `Recorder` with `aggregate` false | gauge |
/// | `Recorder` with `aggregate` true | histogram |
/// | `Timer` | histogram, in seconds |
///
/// Names are written as they are given, with what may not stand in one replaced by `_`; suffixes such as `_total` and
/// `_seconds` are the caller's. Objects of one type, name and set of labels share one series, and so do the kinds of
/// object in one row of the table, and histograms with timers. A series stays, also when nobody holds its object any
/// more, until one of its objects is destroyed; what remaining objects of a destroyed series count is seen nowhere.
///
/// A name has one type. An object that uses the name of another type, or one of the names under which a histogram's
/// samples stand, works but leaves no trace.
///
/// Counters ignore what is not positive and finite, histograms what is not finite.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    private struct Family {
        let type: PrometheusType
        var series: [[PrometheusLabel]: any PrometheusSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        /// The names of all samples.
        var sampleNames: Set<String> = []
    }

    /// The media type of ``exposition()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let buckets: [String: PrometheusBuckets]
    private let help: [String: String]
    private let state = Mutex(State())

    /// An empty registry.
    ///
    /// - Parameters:
    ///   - buckets: of histograms, by metric name; those of others are ``PrometheusBuckets/latency``
    ///   - help: what a metric means, by its name
    package init(buckets: [String: PrometheusBuckets] = [:], help: [String: String] = [:]) {
        self.buckets = Self.byWrittenName(buckets)
        self.help = Self.byWrittenName(help)
    }

    /// All metrics as text: families by name, their series by labels.
    package func exposition() -> String { exposition(ofModels: { _ in true }) }

    /// Metrics as text, but for what is about other models than these.
    func exposition(ofModels isShown: (String) -> Bool) -> String {
        let families = state.withLock { $0.families }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let shown = family.series.filter { Self.isAbout($0.key, ofModels: isShown) }
            guard !shown.isEmpty else { continue }
            text.family(name, family.type, help: help[name])
            for series in shown.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                series.value.write(to: &text)
            }
        }
        return text.text
    }

    /// The values of all series of a name.
    struct FamilyValues: Sendable {
        let name: String
        let type: PrometheusType
        /// The meaning of the metric, if it is known.
        let help: String?
        let series: [SeriesValue]
    }

    /// The value of one series.
    struct SeriesValue: Sendable {
        let labels: [PrometheusLabel]
        let value: PrometheusValue
    }

    /// The values of metrics, but for what is about other models than these: families by name, their series by labels.
    func values(ofModels isShown: (String) -> Bool = { _ in true }) -> [FamilyValues] {
        let families = state.withLock { $0.families }
        return families.sorted { $0.key < $1.key }.map { name, family in
            let shown = family.series.filter { Self.isAbout($0.key, ofModels: isShown) }
            let series = shown.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            return FamilyValues(
                name: name, type: family.type, help: help[name],
                series: series.map { SeriesValue(labels: $0.key, value: $0.value.value) })
        }
    }

    /// Tells whether labels name one of these models, or none.
    private static func isAbout(_ labels: [PrometheusLabel], ofModels isShown: (String) -> Bool) -> Bool {
        labels.allSatisfy { $0.name != "model" || isShown($0.value) }
    }

    private static func byWrittenName<Value>(_ table: [String: Value]) -> [String: Value] {
        Dictionary(
            table.sorted { $0.key < $1.key }.map { (PrometheusText.name($0.key), $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The series of a name and labels, a new one if there is none yet; nil if the name is taken by another type.
    private func series<Series: PrometheusSeries>(
        _: Series.Type, _ label: String, _ dimensions: [(String, String)]
    ) -> Series? {
        let id = PrometheusSeriesID(
            name: PrometheusText.name(label),
            labels: PrometheusLabel.labels(dimensions, own: Series.type.ownLabel))
        return state.withLock { state in
            if let family = state.families[id.name] {
                guard family.type == Series.type else { return nil }
                if let series = family.series[id.labels] { return series as? Series }
            } else {
                let names = Series.type.sampleNames(id.name)
                guard state.sampleNames.isDisjoint(with: names) else { return nil }
                state.sampleNames.formUnion(names)
            }
            let series = Series(id, buckets[id.name] ?? .latency)
            state.families[id.name, default: Family(type: Series.type)].series[id.labels] = series
            return series
        }
    }

    private func destroy(_ handler: AnyObject) {
        guard let series = handler as? any PrometheusSeries else { return }
        let id = series.id
        state.withLock { state in
            guard state.families[id.name]?.series[id.labels] === series else { return }
            state.families[id.name]?.series[id.labels] = nil
            guard let family = state.families[id.name], family.series.isEmpty else { return }
            state.families[id.name] = nil
            state.sampleNames.subtract(family.type.sampleNames(id.name))
        }
    }
}

extension PrometheusRegistry {
    /// A counter of whole numbers.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(PrometheusCounter.self, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A counter of any numbers.
    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(PrometheusCounter.self, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A gauge that is set and moved.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(PrometheusGauge.self, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// A histogram if it aggregates, otherwise a gauge.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let recorder: (any RecorderHandler)? =
            aggregate
            ? series(PrometheusHistogram.self, label, dimensions) : series(PrometheusGauge.self, label, dimensions)
        return recorder ?? NOOPMetricsHandler.instance
    }

    /// A histogram of seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(PrometheusHistogram.self, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Removes the counter's series.
    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }

    /// Removes the counter's series.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }

    /// Removes the meter's series.
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }

    /// Removes the recorder's series.
    package func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }

    /// Removes the timer's series.
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}
