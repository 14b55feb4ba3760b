import Metrics
import Synchronization

/// An identity, which distinguishes a series from all others.
struct PrometheusSeriesID: Sendable {
    /// Of the family, as it is written.
    let name: String
    let labels: [PrometheusLabel]
}

/// The values of one metric name with one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    static var type: PrometheusType { get }
    var id: PrometheusSeriesID { get }

    init(_ id: PrometheusSeriesID, _ buckets: PrometheusBuckets)
    /// The value of a series.
    var value: PrometheusValue { get }
    func write(to text: inout PrometheusText)
}

/// The value of a series.
enum PrometheusValue: Sendable, Equatable {
    /// Of a counter or a gauge.
    case number(Double)
    /// Of a histogram: how many values each bucket alone has, of which the last has no bound, and their sum.
    case histogram(counts: [UInt64], upperBounds: [Double], sum: Double)

    /// True if all numbers are finite.
    var isFinite: Bool {
        switch self {
        case .number(let number): number.isFinite
        case .histogram(_, _, let sum): sum.isFinite
        }
    }
}

/// The type of a family.
enum PrometheusType: String, Sendable {
    case counter
    case gauge
    case histogram

    /// The names under which the samples of a family stand.
    func sampleNames(_ name: String) -> [String] {
        self == .histogram ? [name, "\(name)_bucket", "\(name)_sum", "\(name)_count"] : [name]
    }

    /// The label that the format itself writes.
    var ownLabel: String? { self == .histogram ? "le" : nil }
}

/// A sum that only grows. Whole increments are counted exactly, beyond what a `Double` holds.
final class PrometheusCounter: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
    static let type = PrometheusType.counter
    let id: PrometheusSeriesID
    private let whole = Atomic<UInt64>(0)
    private let fractional = Atomic<Double>(0)

    init(_ id: PrometheusSeriesID, _: PrometheusBuckets) { self.id = id }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0, ordering: .relaxed)
    }

    var value: PrometheusValue {
        .number(Double(whole.load(ordering: .relaxed)) + fractional.load(ordering: .relaxed))
    }

    func write(to text: inout PrometheusText) {
        let (whole, fractional) = (whole.load(ordering: .relaxed), fractional.load(ordering: .relaxed))
        text.sample(
            id.name, id.labels,
            fractional == 0 ? String(whole) : PrometheusText.number(Double(whole) + fractional))
    }
}

/// A value that goes up and down.
final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    static let type = PrometheusType.gauge
    let id: PrometheusSeriesID
    private let number = Atomic<Double>(0)

    init(_ id: PrometheusSeriesID, _: PrometheusBuckets) { self.id = id }

    func set(_ newValue: Int64) { set(Double(newValue)) }
    func set(_ newValue: Double) { number.store(newValue, ordering: .relaxed) }
    func increment(by amount: Double) { number.add(amount) }
    func decrement(by amount: Double) { number.add(-amount) }
    func record(_ newValue: Int64) { set(newValue) }
    func record(_ newValue: Double) { set(newValue) }

    var value: PrometheusValue { .number(number.load(ordering: .relaxed)) }

    func write(to text: inout PrometheusText) { text.write(id.name, id.labels, value) }
}

/// A distribution of values. Those that are not finite are left out: one would spoil the sum for good.
final class PrometheusHistogram: PrometheusSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// The number of values that each bucket alone has; the last has no bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    static let type = PrometheusType.histogram
    let id: PrometheusSeriesID
    private let upperBounds: [Double]
    // One lock rather than an atomic for each: whoever reads must find the sum of the buckets equal to the count.
    private let state: Mutex<State>

    init(_ id: PrometheusSeriesID, _ buckets: PrometheusBuckets) {
        self.id = id
        upperBounds = buckets.upperBounds
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.upperBounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = upperBounds.firstIndex { value <= $0 } ?? upperBounds.count
        state.withLock { state in
            state.counts[bucket] &+= 1
            state.sum += value
        }
    }

    /// Counts a duration, in seconds; a negative one, of a clock that was set back, as none.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }

    var value: PrometheusValue {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        return .histogram(counts: counts, upperBounds: upperBounds, sum: sum)
    }

    func write(to text: inout PrometheusText) { text.write(id.name, id.labels, value) }
}

extension Atomic<Double> {
    fileprivate borrowing func add(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            let (exchanged, original) = weakCompareExchange(expected: old, desired: old + amount, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}
