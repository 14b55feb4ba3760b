/// An error that says which variable of OpenTelemetry cannot be followed.
package struct TelemetryError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// The collectors of traces and metrics by OTLP over HTTP, by the variables that OpenTelemetry has for them.
package struct TelemetrySettings: Sendable, Equatable {
    /// A place that takes one kind of data.
    package struct Target: Sendable, Equatable {
        package let url: String
        package let headers: [(name: String, value: String)]
        package let timeout: Duration

        package static func == (a: Target, b: Target) -> Bool {
            a.url == b.url && a.timeout == b.timeout && a.headers.map(\.name) == b.headers.map(\.name)
                && a.headers.map(\.value) == b.headers.map(\.value)
        }
    }

    /// That of spans; nil if none are sent.
    package let traces: Target?
    /// That of metrics; nil if none are sent.
    package let metrics: Target?
    package let sampler: TraceSampler
    /// The attributes of the server, `service.name` first.
    package let resource: [(name: String, value: String)]
    /// Spans that wait at most.
    package let queueLimit: Int
    /// Spans that are sent at a time at most.
    package let batchLimit: Int
    /// The time between two sendings of spans.
    package let traceInterval: Duration
    /// The time between two sendings of metrics.
    package let metricInterval: Duration

    package static func == (a: TelemetrySettings, b: TelemetrySettings) -> Bool {
        a.traces == b.traces && a.metrics == b.metrics && a.sampler == b.sampler
            && a.resource.map(\.name) == b.resource.map(\.name) && a.resource.map(\.value) == b.resource.map(\.value)
            && a.queueLimit == b.queueLimit && a.batchLimit == b.batchLimit && a.traceInterval == b.traceInterval
            && a.metricInterval == b.metricInterval
    }

    /// Reads the variables. What is sent where is decided by an endpoint; nil if there is none, or all is switched off.
    ///
    /// - Parameter variable: the value of a variable; nil if it is not set
    /// - Throws: ``TelemetryError`` for a variable that has a value that cannot be, or that is not supported
    package init?(_ variable: @escaping (String) -> String?) throws(TelemetryError) {
        let environment = TelemetryEnvironment { name in variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        guard environment.value("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return nil }
        traces = try environment.target(of: "TRACES", path: "v1/traces")
        metrics = try environment.target(of: "METRICS", path: "v1/metrics")
        guard traces != nil || metrics != nil else { return nil }
        sampler = try environment.sampler()
        resource = try environment.resource()
        queueLimit = try environment.integer("OTEL_BSP_MAX_QUEUE_SIZE", 1...65_536) ?? 2048
        batchLimit = min(queueLimit, try environment.integer("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1...4096) ?? 512)
        traceInterval = .milliseconds(try environment.integer("OTEL_BSP_SCHEDULE_DELAY", 100...3_600_000) ?? 5000)
        metricInterval = .milliseconds(
            try environment.integer("OTEL_METRIC_EXPORT_INTERVAL", 100...3_600_000) ?? 60_000)
    }
}

/// The variables of OpenTelemetry.
private struct TelemetryEnvironment {
    /// The value of a variable; nil if it is not set, or to nothing.
    let value: (String) -> String?

    init(_ value: @escaping (String) -> String?) { self.value = value }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(TelemetryError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw TelemetryError("\(name) has to be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The target of a kind of data, whose own variables stand above those of all.
    func target(of signal: String, path: String) throws(TelemetryError) -> TelemetrySettings.Target? {
        func setting(_ ending: String) -> (name: String, value: String)? {
            for name in ["OTEL_EXPORTER_OTLP_\(signal)_\(ending)", "OTEL_EXPORTER_OTLP_\(ending)"] {
                if let value = value(name) { return (name, value) }
            }
            return nil
        }
        switch value("OTEL_\(signal)_EXPORTER") {
        case nil, "otlp": break
        case "none": return nil
        default: throw TelemetryError("OTEL_\(signal)_EXPORTER is otlp or none here")
        }
        guard let endpoint = setting("ENDPOINT") else { return nil }
        guard endpoint.value.hasPrefix("http://") || endpoint.value.hasPrefix("https://") else {
            throw TelemetryError("\(endpoint.name) has to be an address that begins with http:// or https://")
        }
        // It is told in the log when it cannot be reached.
        guard !endpoint.value.contains("@") else {
            throw TelemetryError(
                "\(endpoint.name) has a name or a password in it; OTEL_EXPORTER_OTLP_HEADERS is for what is secret")
        }
        if let wire = setting("PROTOCOL"), wire.value != "http/json" {
            throw TelemetryError("\(wire.name) is http/json here; others are not supported")
        }
        if let compression = setting("COMPRESSION"), compression.value != "none" {
            throw TelemetryError("\(compression.name) is none here; others are not supported")
        }
        for ending in ["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"] {
            if let other = setting(ending) { throw TelemetryError("\(other.name) is not supported") }
        }
        let isOfAll = endpoint.name == "OTEL_EXPORTER_OTLP_ENDPOINT"
        let url = isOfAll ? endpoint.value + (endpoint.value.hasSuffix("/") ? "" : "/") + path : endpoint.value
        let headers = try setting("HEADERS").map { (given) throws(TelemetryError) in
            try pairs(given.value, of: given.name)
        }
        let timeout = try setting("TIMEOUT").flatMap { (given) throws(TelemetryError) in
            try integer(given.name, 1...600_000)
        }
        return TelemetrySettings.Target(url: url, headers: headers ?? [], timeout: .milliseconds(timeout ?? 10_000))
    }

    func sampler() throws(TelemetryError) -> TraceSampler {
        let argument = value("OTEL_TRACES_SAMPLER_ARG")
        let ratio = argument.flatMap(Double.init)
        guard argument == nil || ratio.map({ (0...1).contains($0) }) == true else {
            throw TelemetryError("OTEL_TRACES_SAMPLER_ARG has to be a number from 0 to 1")
        }
        guard let name = value("OTEL_TRACES_SAMPLER") else { return .standard }
        guard let sampler = TraceSampler(name, argument: ratio) else {
            throw TelemetryError(
                "OTEL_TRACES_SAMPLER has to be always_on, always_off or traceidratio, or one of these behind parentbased_"
            )
        }
        return sampler
    }

    func resource() throws(TelemetryError) -> [(name: String, value: String)] {
        let name = "OTEL_RESOURCE_ATTRIBUTES"
        let given = try value(name).map { (text) throws(TelemetryError) in try pairs(text, of: name) } ?? []
        let service = value("OTEL_SERVICE_NAME") ?? given.last { $0.name == "service.name" }?.value ?? "penstock"
        return [("service.name", service)] + given.filter { $0.name != "service.name" }
    }

    /// `name=value,…` with percent escapes in the values, as W3C Baggage has it.
    private func pairs(_ text: String, of variable: String) throws(TelemetryError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides[0].trimmed
            guard sides.count == 2, !name.isEmpty, let value = sides[1].trimmed.unescaped else {
                throw TelemetryError("\(variable) has to be name=value, with commas between several")
            }
            pairs.append((String(name), value))
        }
        return pairs
    }
}

extension Substring {
    /// Without spaces around it.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// With its percent escapes resolved; nil if one is none, or the bytes are not UTF-8.
    fileprivate var unescaped: String? { ModelPath.unescaped(self) }
}
