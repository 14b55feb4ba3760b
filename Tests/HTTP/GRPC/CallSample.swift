import HTTPTypes
import PenstockHTTP
import PenstockProtocolBuffers
import Testing

/// Calls of gRPC to a server without a socket.
struct CallSample {
    let server: TestServer

    static let inference = "inference.GRPCInferenceService"

    /// A message with what stands before it in a call.
    static func framed(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        [isCompressed ? 1 : 0] + withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count).bigEndian) { Array($0) }
            + message
    }

    /// The answer to a call.
    struct Answer {
        let messages: [[UInt8]]
        let status: Int?
        let message: String?

        /// The first message.
        var first: ArraySlice<UInt8> {
            get throws { try #require(messages.first)[...] }
        }

        /// All fields of the first message.
        var fields: [WireField] {
            get throws { try CallSample.fields(try first) }
        }

        /// The raw contents of the first message, a `ModelInferResponse`.
        var raw: [[UInt8]] {
            get throws { try CallSample.raw(try first) }
        }
    }

    /// All fields of a message.
    static func fields(_ message: ArraySlice<UInt8>) throws(WireError) -> [WireField] {
        var fields: [WireField] = []
        var reader = MessageReader(message)
        while let field = try reader.next() { fields.append(field) }
        return fields
    }

    /// Calls a method of a service.
    ///
    /// - Parameter method: `package.Service/Method`, or the name of a method of the inference service
    func call(_ method: String, _ messages: [[UInt8]], _ headers: HTTPFields = [:]) async throws -> Answer {
        var headers = headers
        headers[.contentType] = headers[.contentType] ?? "application/grpc"
        let path = method.contains("/") ? "/\(method)" : "/\(Self.inference)/\(method)"
        let reply = try await server.call(path, headers, body: messages.flatMap { Self.framed($0) })
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/grpc")
        return try Self.answer(reply)
    }

    static func answer(_ reply: TestServer.Reply) throws -> Answer {
        var messages: [[UInt8]] = []
        var rest = reply.bytes[...]
        while !rest.isEmpty {
            try #require(rest.count >= 5 && rest.first == 0)
            let count = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(5)
            try #require(rest.count >= count)
            messages.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return Answer(
            messages: messages, status: reply.trailers[.grpcStatus].flatMap { Int($0) },
            message: reply.trailers[.grpcMessage])
    }

    /// A message whose first fields are these texts.
    static func message(_ texts: String...) -> [UInt8] {
        var writer = MessageWriter()
        for (index, text) in texts.enumerated() { writer.text(index + 1, text) }
        return writer.bytes
    }

    /// A `ModelInferRequest`.
    ///
    /// - Parameters:
    ///   - texts: the elements of its input `text`
    ///   - isRaw: whether they are sent as bytes
    ///   - more: writes more fields
    static func infer(
        _ model: String, _ texts: [String], isRaw: Bool = false, _ more: (inout MessageWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(1, model)
        writer.text(3, "7")
        writer.message(5) { writer in
            writer.text(1, "text")
            writer.text(2, "BYTES")
            writer.packed(3, [UInt64(texts.count)])
            guard !isRaw else { return }
            writer.message(5) { writer in for text in texts { writer.element(8, text.utf8) } }
        }
        if isRaw { writer.element(7, TensorRequest.bytes(of: texts)) }
        more(&writer)
        return writer.bytes
    }

    /// The raw contents of a `ModelInferResponse`.
    static func raw(_ message: ArraySlice<UInt8>) throws(WireError) -> [[UInt8]] {
        var contents: [[UInt8]] = []
        for field in try fields(message) where field.number == 6 { contents.append(Array(field.bytes ?? [])) }
        return contents
    }
}
