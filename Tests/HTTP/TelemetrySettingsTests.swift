import PenstockHTTP
import Testing

/// The variables of OpenTelemetry.
@Suite struct TelemetrySettingsTests {
    private static func settings(_ variables: [String: String]) throws(TelemetryError) -> TelemetrySettings? {
        try TelemetrySettings { variables[$0] }
    }

    @Test func withoutAnEndpointNothingIsSent() throws {
        #expect(try Self.settings([:]) == nil)
        #expect(try Self.settings(["OTEL_SERVICE_NAME": "x", "OTEL_EXPORTER_OTLP_ENDPOINT": ""]) == nil)
        let off = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"]
        #expect(try Self.settings(off) == nil)
    }

    @Test func theDefaultsAreThoseOfTheSpecification() throws {
        let settings = try #require(try Self.settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"]))
        #expect(settings.traces?.url == "http://c:4318/v1/traces")
        #expect(settings.metrics?.url == "http://c:4318/v1/metrics")
        #expect(settings.traces?.timeout == .seconds(10))
        #expect(settings.sampler == .standard)
        #expect(settings.resource.map { "\($0.name)=\($0.value)" } == ["service.name=penstock"])
        #expect((settings.queueLimit, settings.batchLimit) == (2048, 512))
        #expect((settings.traceInterval, settings.metricInterval) == (.seconds(5), .seconds(60)))
    }

    @Test func whatIsSaidOfAKindOfDataStandsAboveWhatIsSaidOfAll() throws {
        let settings = try #require(
            try Self.settings([
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp/", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/in",
                "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x=1", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": "250",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_RESOURCE_ATTRIBUTES": "service.name=a,zone=b",
                "OTEL_SERVICE_NAME": "ours", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
            ]))
        #expect(settings.traces?.url == "http://t/in")
        #expect(settings.metrics?.url == "https://c/otlp/v1/metrics")
        #expect(settings.traces?.headers.map { "\($0.name)=\($0.value)" } == ["api-key=a b", "x=1"])
        #expect(settings.metrics?.timeout == .milliseconds(250))
        #expect(settings.resource.map { "\($0.name)=\($0.value)" } == ["service.name=ours", "zone=b"])
        #expect(settings.sampler == TraceSampler("traceidratio", argument: 0.25))
    }

    @Test func oneKindCanBeLeftOut() throws {
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"]
        let settings = try #require(
            try Self.settings(endpoint.merging(["OTEL_METRICS_EXPORTER": "none"]) { first, _ in first }))
        #expect(settings.metrics == nil && settings.traces != nil)
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:secret@c:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a"), ("OTEL_RESOURCE_ATTRIBUTES", "=b"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
        ("OTEL_TRACES_SAMPLER", "always"), ("OTEL_TRACES_SAMPLER_ARG", "2"), ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
    ])
    func whatCannotBeFollowedIsRefusedByName(name: String, value: String) throws {
        let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"].merging([name: value]) { $1 }
        let error = #expect(throws: TelemetryError.self) { try Self.settings(variables) }
        #expect(error?.description.contains(name) == true)
    }
}
