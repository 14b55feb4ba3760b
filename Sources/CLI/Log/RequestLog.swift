import PenstockHTTP
import PenstockJSON

/// A form in which a server tells of each request.
package enum RequestLog: String, CaseIterable {
    case off
    case text
    case json

    /// A function that tells of requests on standard error; nil if nothing does.
    var report: (@Sendable (RequestRecord) -> Void)? {
        switch self {
        case .off: nil
        case .text: { LogQueue.standardError.add(Self.text($0)) }
        case .json: { LogQueue.standardError.add(Self.json($0)) }
        }
    }

    /// A line of the log: method, path and status, and the rest as `key=value`.
    package static func text(_ record: RequestRecord) -> [UInt8] {
        let fields = fields(of: record).filter { !["method", "path", "status"].contains($0.name) }
        let message = "\(record.method) \(record.path) \(record.status)"
        return LogLine(label: "request", level: .info).bytes(
            ([message] + fields.map { "\($0.name)=\($0.value.text)" }).joined(separator: " "))
    }

    /// An object on a line.
    package static func json(_ record: RequestRecord) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("time")
            writer.value(LogLine.timestamp())
            for field in fields(of: record) {
                writer.key(field.name)
                switch field.value {
                case .text(let text): writer.value(text)
                case .integer(let integer): writer.value(integer)
                case .milliseconds(let milliseconds): writer.value(milliseconds)
                }
            }
        }
        return writer.finish() + [UInt8(ascii: "\n")]
    }

    private enum Value {
        case text(String)
        case integer(Int)
        case milliseconds(Double)

        init(_ duration: Duration) { self = .milliseconds((duration / .microseconds(1)).rounded() / 1000) }

        var text: String {
            switch self {
            case .text(let text): text
            case .integer(let integer): "\(integer)"
            case .milliseconds(let milliseconds): "\(milliseconds)"
            }
        }
    }

    /// Returns the fields that are known, in the order in which they are written.
    private static func fields(of record: RequestRecord) -> [(name: String, value: Value)] {
        let facts = record.facts
        let fields: [(String, Value?)] = [
            ("id", .text(record.id)), ("key", facts.key.map(Value.text)), ("method", .text(record.method)),
            ("path", .text(record.path)), ("model", facts.model.map(Value.text)), ("task", facts.task.map(Value.text)),
            ("tokens", facts.tokens.map(Value.integer)),
            ("generated_tokens", facts.generation.map { .integer($0.generatedTokens) }),
            ("status", .integer(record.status)), ("code", record.code.map(Value.text)),
            ("total_ms", Value(record.duration)),
            ("queue_ms", facts.timing.map { Value($0.queue) }),
            ("inference_ms", facts.timing.map { Value($0.inference) }),
        ]
        return fields.compactMap { name, value in value.map { (name, $0) } }
    }
}
