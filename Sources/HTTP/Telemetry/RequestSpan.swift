import HTTPTypes
import PenstockJSON

/// A request as a span of a trace, with a span for each stage below it.
package struct RequestSpan: Sendable {
    let trace: TraceContext.TraceID
    let span: UInt64
    let parent: TraceContext?
    let record: RequestRecord
    /// Nanoseconds since 1970 at which it was over.
    let end: UInt64

    /// - Parameter end: nanoseconds since 1970 at which it was over
    package init(_ record: RequestRecord, in trace: TraceContext.TraceID, end: UInt64) {
        (self.record, self.trace, self.end) = (record, trace, end)
        parent = record.trace
        span = .random(in: 1 ... .max)
    }

    /// A part of the time of a request: its name, and from when to when, back from its end.
    private var stages: [(name: String, start: Duration, end: Duration)] {
        guard let timing = record.facts.timing, let submitted = timing.submitted else { return [] }
        let queued = submitted.duration(to: record.end)
        let computed = queued - timing.queue
        let done = computed - timing.inference
        return [("queue", queued, computed), ("compute", computed, done), ("write", done, .zero)]
    }

    /// Writes the span and those of its stages, as OTLP has them in JSON.
    func write(into writer: inout JSONWriter) {
        writer.object { writer in
            ids(span, parent: parent?.span, into: &writer)
            if let state = parent?.state {
                writer.key("traceState")
                writer.value(state)
            }
            writer.key("name")
            writer.value([record.method, record.route].compactMap(\.self).joined(separator: " "))
            writer.key("kind")
            writer.value(Self.server)
            times(record.duration, .zero, into: &writer)
            writer.key("attributes")
            writer.attributes(attributes)
            writer.key("status")
            writer.object { writer in
                guard record.status >= 500 else { return }
                writer.key("code")
                writer.value(Self.failed)
            }
        }
        for stage in stages {
            writer.object { writer in
                ids(.random(in: 1 ... .max), parent: span, into: &writer)
                writer.key("name")
                writer.value(stage.name)
                writer.key("kind")
                writer.value(Self.internalKind)
                times(stage.start, stage.end, into: &writer)
            }
        }
    }

    // Numbers of the protocol: SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, STATUS_CODE_ERROR.
    private static let (internalKind, server, failed) = (1, 2, 2)

    private func ids(_ span: UInt64, parent: UInt64?, into writer: inout JSONWriter) {
        writer.key("traceId")
        writer.value(trace.digits)
        writer.key("spanId")
        writer.value(span.hexadecimal)
        guard let parent else { return }
        writer.key("parentSpanId")
        writer.value(parent.hexadecimal)
    }

    /// Writes from when to when, as the time before the end of the request.
    private func times(_ start: Duration, _ stop: Duration, into writer: inout JSONWriter) {
        for (name, before) in [("startTimeUnixNano", start), ("endTimeUnixNano", stop)] {
            writer.key(name)
            let nanoseconds = UInt64(max(0, before / .nanoseconds(1)))
            writer.value(String(end - min(end, nanoseconds)))
        }
    }

    /// The facts about the request; no content, no query and no key.
    private var attributes: [(String, JSONValue)] {
        let facts = record.facts
        var attributes: [(String, JSONValue)] = [
            ("http.request.method", .string(record.method)), ("url.path", .string(record.path)),
            ("http.response.status_code", .integer(record.status)), ("penstock.request.id", .string(record.id)),
        ]
        func add(_ name: String, _ value: JSONValue?) { value.map { attributes.append((name, $0)) } }
        add("http.route", record.route.map(JSONValue.string))
        add("error.type", record.code.map(JSONValue.string))
        add("penstock.key", facts.key.map(JSONValue.string))
        add("penstock.task", facts.task.map(JSONValue.string))
        guard let model = facts.model else { return attributes }
        add("gen_ai.provider.name", .string("penstock"))
        add("gen_ai.operation.name", facts.task.map { .string(Self.operation(of: $0, at: record.path)) })
        add("gen_ai.request.model", .string(model))
        add("gen_ai.usage.input_tokens", facts.tokens.map(JSONValue.integer))
        add("penstock.batch.items", facts.timing.map { .integer($0.batchItems) })
        return attributes
    }

    /// The name of an operation in the semantic conventions for generative AI; a task that these do not know is named itself.
    private static func operation(of task: String, at path: String) -> String {
        switch task {
        case "text-generation":
            ["chat", "responses", "messages"].contains { path.contains($0) } ? "chat" : "text_completion"
        case "sentence-similarity", "sparse-embeddings", "multi-vector-embeddings", "feature-extraction": "embeddings"
        default: task
        }
    }
}

extension JSONWriter {
    /// Writes attributes as OTLP has them in JSON, where 64-bit integers are strings.
    mutating func attributes(_ attributes: [(String, JSONValue)]) {
        array { writer in
            for (name, value) in attributes {
                writer.object { writer in
                    writer.key("key")
                    writer.value(name)
                    writer.key("value")
                    writer.object { writer in
                        switch value {
                        case .integer(let integer):
                            writer.key("intValue")
                            writer.value(String(integer))
                        default:
                            writer.key("stringValue")
                            writer.value(value)
                        }
                    }
                }
            }
        }
    }
}
