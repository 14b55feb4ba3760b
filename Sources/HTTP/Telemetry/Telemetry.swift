import Logging
import Metrics
import PenstockServing
import Synchronization

/// Tells a collector of OpenTelemetry about requests and metrics, beside their way: nothing that it does makes a request wait.
package final class Telemetry: Sendable {
    /// Sends a body of JSON to a target, and returns the status of the answer.
    package typealias Send = @Sendable (TelemetrySettings.Target, _ body: [UInt8]) async throws -> Int

    private let settings: TelemetrySettings
    private let report: OTLPReport
    private let metrics: @Sendable () -> [PrometheusRegistry.FamilyValues]
    private let dropped: Counter
    private let logger: Logger
    private let send: Send
    private let waiting = Mutex<[RequestSpan]>([])
    private let lastComplaint = Mutex<ContinuousClock.Instant?>(nil)
    /// Is told when there is something to send.
    private let (full, isFull) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// The time in which the same failure is told once.
    private static let complaintInterval = Duration.seconds(300)
    /// The time that the last sending may take when the server goes down.
    private static let farewell = Duration.seconds(2)

    /// - Parameters:
    ///   - registry: where it counts what it drops, and what it sends
    ///   - refresh: brings values up to date that are not counted as they change
    package init(
        _ settings: TelemetrySettings, _ registry: PrometheusRegistry, refresh: @escaping @Sendable () -> Void,
        logger: Logger, send: @escaping Send
    ) {
        (self.settings, self.logger, self.send) = (settings, logger, send)
        report = OTLPReport(resource: settings.resource, start: WallClock.nanoseconds())
        dropped = Counter(label: "penstock_telemetry_spans_dropped_total", factory: registry)
        metrics = {
            refresh()
            return registry.values()
        }
    }

    /// Takes note of a request that is over. If too many wait already, it is dropped, and counted.
    package func record(_ record: RequestRecord) {
        guard settings.traces != nil else { return }
        let trace = record.trace?.trace ?? .made()
        guard settings.sampler.records(trace, from: record.trace) else { return }
        let span = RequestSpan(record, in: trace, end: WallClock.nanoseconds())
        let count = waiting.withLock { waiting -> Int? in
            guard waiting.count < settings.queueLimit else { return nil }
            waiting.append(span)
            return waiting.count
        }
        guard let count else { return dropped.increment() }
        if count >= settings.batchLimit { isFull.yield() }
    }

    /// Sends until the task is cancelled, and then what is left.
    package func run() async {
        await withDiscardingTaskGroup { group in
            if let target = settings.traces {
                group.addTask { [self] in
                    await ticks(each: settings.traceInterval) { self.isFull.yield() }
                }
                group.addTask { [self] in
                    for await _ in full { await sendSpans(to: target) }
                }
            }
            if let target = settings.metrics {
                group.addTask { [self] in
                    await ticks(each: settings.metricInterval) { await self.sendMetrics(to: target) }
                }
            }
        }
        // The task is cancelled, and what is sent last is not.
        await Task { [self] in
            try? await withDeadline(.now + Self.farewell) { [self] in
                if let target = settings.traces { await sendSpans(to: target) }
                if let target = settings.metrics { await sendMetrics(to: target) }
            }
        }.value
    }

    private func ticks(each interval: Duration, _ body: () async -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil { await body() }
    }

    // MARK: Sending

    /// Sends all spans that wait, in batches. Those that the collector cannot take for now wait on, if there is room.
    private func sendSpans(to target: TelemetrySettings.Target) async {
        while true {
            let batch = waiting.withLock { waiting in
                let batch = Array(waiting.prefix(settings.batchLimit))
                waiting.removeFirst(batch.count)
                return batch
            }
            guard !batch.isEmpty else { return }
            switch await attempt(report.body(of: batch), to: target) {
            case .taken: continue
            case .refused: dropped.increment(by: batch.count)
            case .notNow:
                let kept = waiting.withLock { waiting in
                    let kept = batch.suffix(max(0, settings.queueLimit - waiting.count))
                    waiting.insert(contentsOf: kept, at: 0)
                    return kept.count
                }
                if kept < batch.count { dropped.increment(by: batch.count - kept) }
                return
            }
        }
    }

    private func sendMetrics(to target: TelemetrySettings.Target) async {
        _ = await attempt(report.body(of: metrics(), at: WallClock.nanoseconds()), to: target)
    }

    private enum Outcome { case taken, refused, notNow }

    private func attempt(_ body: [UInt8], to target: TelemetrySettings.Target) async -> Outcome {
        do {
            let status = try await send(target, body)
            if (200..<300).contains(status) { return .taken }
            complain(about: target, "status \(status)")
            // Those for which OTLP has a sender try again.
            return [429, 502, 503, 504].contains(status) ? .notNow : .refused
        } catch is CancellationError {
            return .notNow
        } catch {
            complain(about: target, "\(error)")
            return .notNow
        }
    }

    private func complain(about target: TelemetrySettings.Target, _ reason: String) {
        let now = ContinuousClock.now
        let isDue = lastComplaint.withLock { last in
            guard last.map({ $0.duration(to: now) >= Self.complaintInterval }) ?? true else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "telemetry could not be sent to \(target.url): \(reason.cut(after: 200)); told once in five minutes")
    }
}
