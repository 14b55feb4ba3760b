import PenstockJSON
import PenstockServing

/// Writes spans and metrics as OTLP has them in JSON
/// (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>).
struct OTLPReport: Sendable {
    /// The attributes of the server.
    let resource: [(name: String, value: String)]
    /// Nanoseconds since 1970 from which on metrics count.
    let start: UInt64

    /// A body with spans.
    func body(of spans: [RequestSpan]) -> [UInt8] {
        body("resourceSpans", "scopeSpans", "spans") { writer in
            for span in spans { span.write(into: &writer) }
        }
    }

    /// A body with metrics.
    ///
    /// - Parameter time: nanoseconds since 1970
    func body(of metrics: [PrometheusRegistry.FamilyValues], at time: UInt64) -> [UInt8] {
        body("resourceMetrics", "scopeMetrics", "metrics") { writer in
            for family in metrics { writer.object { write(family, at: time, into: &$0) } }
        }
    }

    private func body(
        _ outer: String, _ scope: String, _ inner: String, write: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key(outer)
            writer.array { writer in
                writer.object { writer in
                    writer.key("resource")
                    writer.object { writer in
                        writer.key("attributes")
                        writer.attributes(resource.map { ($0.name, .string($0.value)) })
                    }
                    writer.key(scope)
                    writer.array { writer in
                        writer.object { writer in
                            writer.key("scope")
                            writer.object { writer in
                                writer.key("name")
                                writer.value("penstock")
                                writer.key("version")
                                writer.value(PenstockVersion.current)
                            }
                            writer.key(inner)
                            writer.array(write)
                        }
                    }
                }
            }
        }
        return writer.finish()
    }

    /// AGGREGATION_TEMPORALITY_CUMULATIVE.
    private static let cumulative = 2

    private func write(_ family: PrometheusRegistry.FamilyValues, at time: UInt64, into writer: inout JSONWriter) {
        writer.key("name")
        writer.value(family.name)
        if let help = family.help {
            writer.key("description")
            writer.value(help)
        }
        writer.key(family.type == .counter ? "sum" : family.type.rawValue)
        writer.object { writer in
            if family.type != .gauge {
                writer.key("aggregationTemporality")
                writer.value(Self.cumulative)
            }
            if family.type == .counter {
                writer.key("isMonotonic")
                writer.value(true)
            }
            writer.key("dataPoints")
            writer.array { writer in
                for series in family.series where series.value.isFinite {
                    writer.object { write(series, at: time, into: &$0) }
                }
            }
        }
    }

    private func write(_ series: PrometheusRegistry.SeriesValue, at time: UInt64, into writer: inout JSONWriter) {
        writer.key("attributes")
        writer.attributes(series.labels.map { ($0.name, .string($0.value)) })
        writer.key("startTimeUnixNano")
        writer.value(String(start))
        writer.key("timeUnixNano")
        writer.value(String(time))
        switch series.value {
        case .number(let number):
            writer.key("asDouble")
            writer.value(number)
        case .histogram(let counts, let bounds, let sum):
            writer.key("count")
            writer.value(String(counts.reduce(0, &+)))
            writer.key("sum")
            writer.value(sum)
            writer.key("bucketCounts")
            writer.array { for count in counts { $0.value(String(count)) } }
            writer.key("explicitBounds")
            writer.array { for bound in bounds { $0.value(bound) } }
        }
    }
}
