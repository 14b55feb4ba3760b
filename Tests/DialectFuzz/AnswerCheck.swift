import HTTPTypes
import PenstockHTTP
import PenstockHTTPTestSupport
import PenstockJSON

/// An error that says what is wrong with an answer.
struct AnswerFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Looks at answers.
enum AnswerCheck {
    /// A word for what an answer is.
    ///
    /// - Throws: ``AnswerFault`` for one that a server must not give, whatever it is asked.
    static func outcome(_ reply: RouterClient.Reply, of request: FuzzRequest) throws -> String {
        if request.isCall { return try outcome(ofCall: reply) }
        guard (200..<600).contains(reply.status), reply.status != 500 else {
            throw AnswerFault("status \(reply.status): \(String(decoding: reply.bytes.prefix(500), as: UTF8.self))")
        }
        // Pages tell of errors, too.
        if request.method == .post { try checkFailures(reply.bytes) }
        let type = reply.headers[.contentType] ?? ""
        if let head = reply.headers[.inferenceHeader] {
            guard let count = Int(head), 0...reply.bytes.count ~= count else {
                throw AnswerFault("\(reply.bytes.count) bytes, of which \(head) are JSON")
            }
            try checkJSON(reply.bytes.prefix(count))
        } else if type.hasPrefix("text/event-stream") {
            try checkEvents(reply.bytes)
        } else if type.hasPrefix("application/x-ndjson") {
            for line in reply.bytes.split(separator: UInt8(ascii: "\n")) { try checkJSON(line) }
        } else if type.hasPrefix("application/json"), request.method != .head, !reply.bytes.isEmpty {
            try checkJSON(reply.bytes[...])
        }
        return "\(reply.status)"
    }

    /// A failure of the server may also be told within an answer that went well at first.
    private static func checkFailures(_ bytes: [UInt8]) throws {
        let end = String(decoding: bytes.suffix(4000), as: UTF8.self)
        guard end.contains("internal error ") || end.contains("internal_error") else { return }
        throw AnswerFault("an internal error: \(end)")
    }

    private static func checkJSON(_ bytes: ArraySlice<UInt8>) throws {
        do {
            _ = try JSONValue(parsing: bytes)
        } catch {
            throw AnswerFault("\(error): \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
        }
    }

    private static func checkEvents(_ bytes: [UInt8]) throws {
        guard bytes.count > 2, bytes.suffix(2).allSatisfy({ $0 == UInt8(ascii: "\n") }) else {
            throw AnswerFault("the stream has no event, or ends amid one")
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
            guard name == "data" else {
                guard ["", "event", "id"].contains(name) else { throw AnswerFault("a line of a stream: \(name)") }
                continue
            }
            let data = line.dropFirst("data:".utf8.count).drop { $0 == UInt8(ascii: " ") }
            if !data.elementsEqual("[DONE]".utf8) { try checkJSON(data) }
        }
    }

    // MARK: - Calls

    private static func outcome(ofCall reply: RouterClient.Reply) throws -> String {
        let type = reply.headers[.contentType] ?? ""
        guard let status = reply.trailers[.grpcStatus] ?? reply.headers[.grpcStatus] else {
            // Who does not speak gRPC is answered in HTTP.
            guard reply.status != 200, reply.status != 500 else {
                throw AnswerFault("status \(reply.status) of HTTP, and none of gRPC")
            }
            return "status \(reply.status) of HTTP"
        }
        let message = reply.trailers[.grpcMessage] ?? reply.headers[.grpcMessage] ?? ""
        guard let code = Int(status), 0...16 ~= code, code != 2, code != 13, type.hasPrefix("application/grpc") else {
            throw AnswerFault("status \(status), type \(type): \(message)")
        }
        try checkFailures(reply.bytes)
        var rest = reply.bytes[...]
        while !rest.isEmpty {
            let count = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.first == 0, rest.count >= 5 + count else { throw AnswerFault("an answer that is no messages") }
            rest = rest.dropFirst(5 + count)
        }
        return "status \(code)"
    }
}
