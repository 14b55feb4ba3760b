import Logging
import PenstockHTTP
import PenstockJSON
import PenstockServing
import Synchronization
import Testing

/// What is sent to a collector, and what becomes of it where there is none.
@Suite struct TelemetryTests {
    /// A collector that answers with statuses, of which the last goes on, and keeps what it takes.
    private final class Collector: Sendable {
        private let state: Mutex<(statuses: [Int], taken: [(url: String, json: JSONValue)])>

        init(_ statuses: [Int]) { state = Mutex((statuses, [])) }

        func take(_ target: TelemetrySettings.Target, _ body: [UInt8]) throws -> Int {
            let json = try JSONValue(parsing: body)
            return state.withLock { state in
                let status = state.statuses.count > 1 ? state.statuses.removeFirst() : state.statuses[0]
                if status == 200 { state.taken.append((target.url, json)) }
                return status
            }
        }

        /// The scopes of all that was taken of a kind of data.
        func scopes(_ path: String, _ outer: String, _ scope: String) -> [JSONValue] {
            state.withLock { $0.taken.filter { $0.url.hasSuffix(path) } }.flatMap { taken in
                taken.json[outer]?.array?.first?[scope]?.array ?? []
            }
        }

        var spans: [JSONValue] {
            scopes("/v1/traces", "resourceSpans", "scopeSpans").flatMap { $0["spans"]?.array ?? [] }
        }
    }

    private final class Messages: Sendable {
        private let messages = Mutex<[String]>([])
        var all: [String] { messages.withLock { $0 } }
        func add(_ message: String) { messages.withLock { $0.append(message) } }
    }

    private struct Handler: LogHandler {
        let messages: Messages
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(_ messages: Messages) { self.messages = messages }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { messages.add("\(event.message)") }
    }

    /// A sender with long intervals, which sends when it is told to stop.
    private struct Sender {
        let collector: Collector
        let registry = PrometheusRegistry()
        let messages = Messages()
        let telemetry: Telemetry

        init(_ variables: [String: String] = [:], statuses: [Int] = [200]) throws {
            let collector = Collector(statuses)
            self.collector = collector
            let common = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector", "OTEL_BSP_SCHEDULE_DELAY": "3600000",
                "OTEL_METRIC_EXPORT_INTERVAL": "3600000", "OTEL_METRICS_EXPORTER": "none",
            ]
            let all = common.merging(variables) { $1 }
            let settings = try #require(try TelemetrySettings { all[$0] })
            telemetry = Telemetry(
                settings, registry, refresh: {},
                logger: Logger(label: "test") { [messages] _ in Handler(messages) }
            ) { target, body in try collector.take(target, body) }
        }

        /// Sends what waits.
        func flush() async {
            let task = Task { await telemetry.run() }
            task.cancel()
            await task.value
        }

        var dropped: String? {
            registry.exposition().split(separator: "\n").first {
                $0.hasPrefix("penstock_telemetry_spans_dropped_total ")
            }.map(String.init)
        }
    }

    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// A request that took 30 ms, of which it waited for 5 and was computed for 20.
    private static func record(status: Int = 200, trace: TraceContext? = TraceContext(parent: parent)) -> RequestRecord
    {
        let end = ContinuousClock.now
        var facts = RequestNotes.Facts()
        (facts.model, facts.task, facts.tokens) = ("writer", "text-generation", 12)
        var generation = GenerationFacts()
        (generation.generatedTokens, generation.cachedTokens) = (7, 4)
        facts.generation = generation
        var timing = RequestTiming()
        timing.submitted = end - .milliseconds(28)
        (timing.queue, timing.inference, timing.batchItems) = (.milliseconds(5), .milliseconds(20), 3)
        facts.timing = timing
        return RequestRecord(
            id: "mine", method: "POST", path: "/models/writer", status: status, code: status == 200 ? nil : "bug",
            duration: .milliseconds(30), facts: facts, route: "/models/{model}", trace: trace, end: end)
    }

    private static func attributes(_ span: JSONValue) -> [String: String] {
        var attributes: [String: String] = [:]
        for entry in span["attributes"]?.array ?? [] {
            let value = entry["value"]?["stringValue"]?.string ?? entry["value"]?["intValue"]?.string
            attributes[entry["key"]?.string ?? ""] = value
        }
        return attributes
    }

    /// From when to when a span was, in milliseconds behind the start of another.
    private static func times(_ span: JSONValue, behind first: JSONValue) -> [Double] {
        func nanoseconds(_ span: JSONValue, _ name: String) -> Int { Int(span[name]?.string ?? "") ?? 0 }
        let start = nanoseconds(first, "startTimeUnixNano")
        return ["startTimeUnixNano", "endTimeUnixNano"].map { Double(nanoseconds(span, $0) - start) / 1e6 }
    }

    @Test func aRequestIsASpanWithItsStages() async throws {
        let sender = try Sender(["OTEL_RESOURCE_ATTRIBUTES": "zone=b"])
        sender.telemetry.record(Self.record())
        await sender.flush()
        let spans = sender.collector.spans
        #expect(spans.map { $0["name"]?.string } == ["POST /models/{model}", "queue", "compute", "write"])
        #expect(spans.allSatisfy { $0["traceId"]?.string == "4bf92f3577b34da6a3ce929d0e0e4736" })
        let request = try #require(spans.first)
        #expect(request["parentSpanId"]?.string == "00f067aa0ba902b7")
        #expect(spans.dropFirst().allSatisfy { $0["parentSpanId"] == request["spanId"] })
        #expect(Set(spans.map { $0["spanId"]?.string }).count == 4)
        #expect(request["kind"]?.integer == 2)
        #expect(spans.map { Self.times($0, behind: request) } == [[0, 30], [2, 7], [7, 27], [27, 30]])
        let attributes = Self.attributes(request)
        #expect(attributes["http.route"] == "/models/{model}" && attributes["http.response.status_code"] == "200")
        #expect(attributes["gen_ai.operation.name"] == "text_completion")
        #expect(attributes["gen_ai.request.model"] == "writer" && attributes["gen_ai.usage.input_tokens"] == "12")
        #expect(attributes["gen_ai.usage.output_tokens"] == "7")
        #expect(attributes["gen_ai.usage.cache_read.input_tokens"] == "4")
        #expect(attributes["error.type"] == nil && request["status"]?["code"] == nil)
    }

    @Test func failuresOfTheServerAreFailuresOfTheSpan() async throws {
        let sender = try Sender()
        sender.telemetry.record(Self.record(status: 500, trace: nil))
        await sender.flush()
        let span = try #require(sender.collector.spans.first)
        #expect(span["status"]?["code"]?.integer == 2)
        #expect(Self.attributes(span)["error.type"] == "bug")
        #expect(span["parentSpanId"] == nil && span["traceId"]?.string?.utf8.count == 32)
    }

    @Test func whatACallerDoesNotRecordIsNotRecorded() async throws {
        let sender = try Sender()
        sender.telemetry.record(Self.record(trace: TraceContext(parent: String(Self.parent.dropLast()) + "0")))
        await sender.flush()
        #expect(sender.collector.spans.isEmpty)
    }

    @Test func whatDoesNotFitIsDroppedAndCounted() async throws {
        let sender = try Sender(["OTEL_BSP_MAX_QUEUE_SIZE": "3", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2"])
        for _ in 0..<5 { sender.telemetry.record(Self.record()) }
        #expect(sender.dropped == "penstock_telemetry_spans_dropped_total 2")
        await sender.flush()
        #expect(sender.collector.spans.count == 3 * 4)
    }

    @Test func aCollectorThatIsBusyIsAskedAgain() async throws {
        let sender = try Sender(statuses: [503, 200])
        sender.telemetry.record(Self.record())
        await sender.flush()
        #expect(sender.collector.spans.isEmpty && sender.dropped == "penstock_telemetry_spans_dropped_total 0")
        await sender.flush()
        #expect(sender.collector.spans.count == 4)
    }

    @Test func failuresAreToldOnceInAWhile() async throws {
        let sender = try Sender(statuses: [400])
        for _ in 0..<3 {
            sender.telemetry.record(Self.record())
            await sender.flush()
        }
        #expect(sender.dropped == "penstock_telemetry_spans_dropped_total 3")
        let messages = sender.messages.all
        #expect(messages.count == 1 && messages[0].contains("http://collector/v1/traces: status 400"))
    }

    @Test func metricsAreSentUnderTheirNames() async throws {
        let sender = try Sender(["OTEL_METRICS_EXPORTER": "otlp", "OTEL_TRACES_EXPORTER": "none"])
        sender.registry.makeCounter(label: "c_total", dimensions: [("model", "m")]).increment(by: 3)
        sender.registry.makeRecorder(label: "g", dimensions: [], aggregate: false).record(2.5)
        let timer = sender.registry.makeTimer(label: "t_seconds", dimensions: [])
        for milliseconds in [1, 70_000] { timer.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
        await sender.flush()
        let metrics = sender.collector.scopes("/v1/metrics", "resourceMetrics", "scopeMetrics").flatMap {
            $0["metrics"]?.array ?? []
        }
        func metric(_ name: String) -> JSONValue? { metrics.first { $0["name"]?.string == name } }
        let sum = try #require(metric("c_total")?["sum"])
        #expect(sum["isMonotonic"]?.bool == true && sum["aggregationTemporality"]?.integer == 2)
        let point = try #require(sum["dataPoints"]?.array?.first)
        #expect(point["asDouble"]?.double == 3 && Self.attributes(point) == ["model": "m"])
        #expect(metric("g")?["gauge"]?["dataPoints"]?.array?.first?["asDouble"]?.double == 2.5)
        let histogram = try #require(metric("t_seconds")?["histogram"]?["dataPoints"]?.array?.first)
        #expect(histogram["count"]?.string == "2")
        let (counts, bounds) = (histogram["bucketCounts"]?.array, histogram["explicitBounds"]?.array)
        #expect(counts?.count == (bounds?.count ?? 0) + 1 && counts?.last?.string == "1")
    }
}
