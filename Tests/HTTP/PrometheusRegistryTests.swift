import Metrics
import PenstockHTTP
import Testing

@Suite struct PrometheusRegistryTests {
    @Test func nothingIsNoText() {
        #expect(PrometheusRegistry(help: ["unused": "Nobody counts it."]).exposition() == "")
    }

    @Test func writesFamiliesByNameAndSeriesByLabels() throws {
        let registry = PrometheusRegistry(
            buckets: ["batch_tokens": .counts, "wait_seconds": [0.5, 0.25]],
            help: ["requests_total": "Requests that were answered.", "queue_depth": "Sequences that wait."])
        let dimensions = [("task", "fill-mask"), ("code", "200")]
        Counter(label: "requests_total", dimensions: dimensions, factory: registry).increment(by: 3)
        Counter(label: "requests_total", dimensions: [("code", "200 ")], factory: registry).increment()
        Counter(label: "requests_total", dimensions: [("code", "200")], factory: registry).increment(by: 2)
        FloatingPointCounter(label: "cpu_seconds_total", factory: registry).increment(by: 1.5)
        Gauge(label: "queue_depth", factory: registry).record(7)
        let wait = Timer(label: "wait_seconds", dimensions: [("task", "fill-mask")], factory: registry)
        for milliseconds in [125, 250, 500, 750] { wait.recordMilliseconds(milliseconds) }
        #expect(
            registry.exposition() == """
                # TYPE cpu_seconds_total counter
                cpu_seconds_total 1.5
                # HELP queue_depth Sequences that wait.
                # TYPE queue_depth gauge
                queue_depth 7
                # HELP requests_total Requests that were answered.
                # TYPE requests_total counter
                requests_total{code="200"} 2
                requests_total{code="200",task="fill-mask"} 3
                requests_total{code="200 "} 1
                # TYPE wait_seconds histogram
                wait_seconds_bucket{task="fill-mask",le="0.25"} 2
                wait_seconds_bucket{task="fill-mask",le="0.5"} 3
                wait_seconds_bucket{task="fill-mask",le="+Inf"} 4
                wait_seconds_sum{task="fill-mask"} 1.625
                wait_seconds_count{task="fill-mask"} 4

                """)
        _ = try PrometheusParser(registry.exposition())
    }

    @Test func countsCumulatively() throws {
        let registry = PrometheusRegistry(buckets: ["batch.tokens": .counts])
        let tokens = Recorder(label: "batch.tokens", factory: registry)
        for count in [0, 1, 2, 3, 4, 65536, 65537] { tokens.record(count) }
        let lines = registry.exposition().split(separator: "\n")
        #expect(lines.count == 1 + 18 + 2)
        #expect(lines[1] == #"batch_tokens_bucket{le="1"} 2"#)
        #expect(lines[2] == #"batch_tokens_bucket{le="2"} 3"#)
        #expect(lines[3] == #"batch_tokens_bucket{le="4"} 5"#)
        #expect(lines[16] == #"batch_tokens_bucket{le="32768"} 5"#)
        #expect(lines[17] == #"batch_tokens_bucket{le="65536"} 6"#)
        #expect(lines[18] == #"batch_tokens_bucket{le="+Inf"} 7"#)
        #expect(lines[19] == "batch_tokens_sum 131083")
        #expect(lines[20] == "batch_tokens_count 7")
    }

    @Test func timersCountSeconds() throws {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "t", factory: registry)
        timer.recordNanoseconds(500_000)
        timer.recordNanoseconds(500_001)
        timer.recordSeconds(60)
        timer.recordSeconds(61)
        timer.recordSeconds(-1)
        let text = try PrometheusParser(registry.exposition())
        #expect(text.value("t_bucket", ["le": "0.0005"]) == 2)
        #expect(text.value("t_bucket", ["le": "0.001"]) == 3)
        #expect(text.value("t_bucket", ["le": "60"]) == 4)
        #expect(text.value("t_count") == 5)
        #expect(text.samples.filter { $0.name == "t_bucket" }.count == 17)
    }

    @Test(
        arguments: [
            ([], []), ([3, 1, 2], [1, 2, 3]), ([1, 1, .infinity, .nan, -.infinity, -1], [-1, 1]),
        ] as [([Double], [Double])])
    func bucketsAreSorted(given: [Double], expected: [Double]) throws {
        #expect(PrometheusBuckets(given).upperBounds == expected)
        let registry = PrometheusRegistry(buckets: ["h": PrometheusBuckets(given)])
        Recorder(label: "h", factory: registry).record(2)
        #expect(try PrometheusParser(registry.exposition()).value("h_bucket", ["le": "+Inf"]) == 1)
    }

    @Test func metersMove() throws {
        let registry = PrometheusRegistry()
        let meter = Meter(label: "active", factory: registry)
        meter.set(5)
        meter.increment(by: 2.5)
        meter.decrement()
        #expect(try PrometheusParser(registry.exposition()).value("active") == 6.5)
        // A gauge of the same name is the same series.
        Gauge(label: "active", factory: registry).record(-0.125)
        #expect(registry.exposition() == "# TYPE active gauge\nactive -0.125\n")
    }

    @Test(
        arguments: [
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (-0.0, "-0"), (1e300, "1e+300"),
            (9_007_199_254_740_992, "9007199254740992"), (1e-7, "1e-07"), (0.1, "0.1"),
        ] as [(Double, String)])
    func writesNumbersThatPrometheusReads(value: Double, expected: String) throws {
        let registry = PrometheusRegistry()
        Gauge(label: "g", factory: registry).record(value)
        #expect(registry.exposition() == "# TYPE g gauge\ng \(expected)\n")
        let read = try #require(try PrometheusParser(registry.exposition()).value("g"))
        #expect(read == value || (read.isNaN && value.isNaN))
    }

    @Test func countersOnlyGrow() throws {
        let registry = PrometheusRegistry()
        let whole = registry.makeCounter(label: "c", dimensions: [])
        let fractional = registry.makeFloatingPointCounter(label: "c", dimensions: [])
        whole.increment(by: 9_007_199_254_740_993)
        whole.increment(by: -5)
        whole.increment(by: Int64.min)
        #expect(registry.exposition() == "# TYPE c counter\nc 9007199254740993\n")
        whole.reset()
        for amount in [0.25, -1, .nan, .infinity, 0] { fractional.increment(by: amount) }
        whole.increment(by: 2)
        #expect(registry.exposition() == "# TYPE c counter\nc 2.25\n")
        fractional.reset()
        #expect(registry.exposition() == "# TYPE c counter\nc 0\n")
        for _ in 0..<4 { whole.increment(by: Int64.max) }
        _ = try PrometheusParser(registry.exposition())
    }

    @Test func histogramsLeaveOutWhatIsNotFinite() throws {
        let registry = PrometheusRegistry(buckets: ["h": [1]])
        let recorder = Recorder(label: "h", factory: registry)
        for value in [0.5, .nan, .infinity, -.infinity] { recorder.record(value) }
        let text = try PrometheusParser(registry.exposition())
        #expect(text.value("h_count") == 1)
        #expect(text.value("h_sum") == 0.5)
    }
}

@Suite struct PrometheusNameTests {
    @Test func escapesValuesAndHelp() throws {
        let value = "back\\slash \"quoted\"\nnew line, \\n, {a=\"b\"} – 日本 🐈\r\n\u{301}"
        let registry = PrometheusRegistry(help: ["c": "a \\ \"b\"\nc"])
        Counter(label: "c", dimensions: [("text", value)], factory: registry).increment()
        #expect(
            registry.exposition().unicodeScalars.elementsEqual(
                ("# HELP c a \\\\ \"b\"\\nc\n# TYPE c counter\n"
                    + "c{text=\"back\\\\slash \\\"quoted\\\"\\nnew line, \\\\n, "
                    + "{a=\\\"b\\\"} – 日本 🐈\r\\n\u{301}\"} 1\n")
                    .unicodeScalars))
        let text = try PrometheusParser(registry.exposition())
        #expect(text.samples.first?.labels["text"] == value)
        #expect(text.help["c"] == "a \\ \"b\"\nc")
    }

    @Test(arguments: [
        ("http.server.request.duration", "http_server_request_duration"), ("a:b", "a:b"), ("9lives", "_9lives"),
        ("", "_"), (" ", "_"), ("é-ü", "___"), ("a\nb", "a_b"), ("日本", "__"), ("__name__", "__name__"),
    ])
    func writesNamesThatPrometheusTakes(given: String, expected: String) throws {
        let registry = PrometheusRegistry(buckets: [given: [1]], help: [given: "help"])
        Recorder(label: given, factory: registry).record(2)
        let text = try PrometheusParser(registry.exposition())
        #expect(text.types == [expected: "histogram"])
        #expect(text.help == [expected: "help"])
        #expect(text.samples.filter { $0.name == "\(expected)_bucket" }.count == 2)
    }

    @Test(arguments: [
        ("http.method", "http_method"), ("a:b", "a_b"), ("0", "_0"), ("", "_"), ("__name__", "exported___name__"),
        ("le", "exported_le"), ("quantile", "quantile"),
    ])
    func writesLabelNamesThatPrometheusTakes(given: String, expected: String) throws {
        let registry = PrometheusRegistry()
        Timer(label: "t", dimensions: [(given, "x")], factory: registry).recordSeconds(1)
        #expect(try PrometheusParser(registry.exposition()).value("t_count", [expected: "x"]) == 1)
    }

    @Test func labelsMakeASet() throws {
        let registry = PrometheusRegistry()
        for dimensions in [
            [("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], [("a", "0"), ("b", "2"), ("a", "1"), ("c", "")],
        ] {
            Counter(label: "c", dimensions: dimensions, factory: registry).increment()
        }
        #expect(registry.exposition() == "# TYPE c counter\nc{a=\"1\",b=\"2\"} 3\n")
    }
}

@Suite struct PrometheusLifetimeTests {
    @Test func aSeriesStaysUntilItIsDestroyed() {
        let registry = PrometheusRegistry()
        Counter(label: "c", factory: registry).increment()
        let first = Counter(label: "c", factory: registry)
        let second = Counter(label: "c", factory: registry)
        #expect(registry.exposition() == "# TYPE c counter\nc 1\n")
        first.destroy()
        second.increment()
        #expect(registry.exposition() == "")
        Counter(label: "c", factory: registry).increment()
        // Its series is not the one that is there now.
        second.destroy()
        #expect(registry.exposition() == "# TYPE c counter\nc 1\n")
    }

    @Test func destroysOneSeriesAndFreesTheNameWithTheLast() {
        let registry = PrometheusRegistry(buckets: ["x": []])
        let timers = ["a", "b"].map { Timer(label: "x", dimensions: [("l", $0)], factory: registry) }
        timers[0].destroy()
        #expect(registry.exposition().contains(#"x_count{l="b"} 0"#))
        #expect(!registry.exposition().contains(#"l="a""#))
        timers[1].destroy()
        let gauge = Meter(label: "x_count", factory: registry)
        gauge.set(1)
        let recorder = Recorder(label: "y", aggregate: false, factory: registry)
        let sum = FloatingPointCounter(label: "z", factory: registry)
        #expect(
            registry.exposition() == "# TYPE x_count gauge\nx_count 1\n# TYPE y gauge\ny 0\n# TYPE z counter\nz 0\n")
        gauge.destroy()
        recorder.destroy()
        sum.destroy()
        #expect(registry.exposition() == "")
    }

    @Test func aNameHasOneType() throws {
        let registry = PrometheusRegistry(buckets: ["h": [1]])
        Counter(label: "c", factory: registry).increment()
        Recorder(label: "h", factory: registry).record(1)
        let before = registry.exposition()
        Gauge(label: "c", factory: registry).record(5)
        Timer(label: "c", dimensions: [("a", "b")], factory: registry).recordSeconds(1)
        let meter = Meter(label: "h", factory: registry)
        meter.set(3)
        Counter(label: "h.count", factory: registry).increment()
        FloatingPointCounter(label: "h_bucket", factory: registry).increment()
        meter.destroy()
        #expect(registry.exposition() == before)
        // A histogram whose samples would stand under a name that is taken.
        Counter(label: "k_sum", factory: registry).increment()
        Recorder(label: "k", factory: registry).record(1)
        #expect(Set(try PrometheusParser(registry.exposition()).types.keys) == ["c", "h", "k_sum"])
    }

    @Test func losesNothingWhenManyCount() async throws {
        let registry = PrometheusRegistry(buckets: ["h": [0.5]])
        let (tasks, rounds) = (16, 2000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for round in 0..<rounds {
                        Counter(label: "c", dimensions: [("l", "\(round % 3)")], factory: registry).increment()
                        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
                        Meter(label: "m", factory: registry).increment(by: task.isMultiple(of: 2) ? 1 : -1)
                        Recorder(label: "h", factory: registry).record(round % 2)
                        Counter(label: "gone", dimensions: [("l", "\(task)")], factory: registry).destroy()
                    }
                }
            }
            group.addTask {
                // The parser checks that a histogram's buckets, read while they change, add up to its count.
                for _ in 0..<50 { #expect((try? PrometheusParser(registry.exposition())) != nil) }
            }
        }
        let text = try PrometheusParser(registry.exposition())
        let total = Double(tasks * rounds)
        #expect((0..<3).compactMap { text.value("c", ["l": "\($0)"]) }.reduce(0, +) == total)
        #expect(text.value("f") == total / 2)
        #expect(text.value("m") == 0)
        #expect(text.value("h_bucket", ["le": "0.5"]) == total / 2)
        #expect(text.value("h_sum") == total / 2)
        #expect(text.value("h_count") == total)
        #expect(text.types["gone"] == nil)
    }
}
