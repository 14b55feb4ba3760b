import HTTPTypes
import Hummingbird
import NIOCore
import PenstockProtocolBuffers
import PenstockServing

/// A request of a client, read of a message.
protocol RPCRequest: Sendable {
    /// Bytes of the longest message; nil for those that are as long as the bodies of requests may be.
    static var longest: Int? { get }

    /// Bytes that what is read of a message takes at most, beside the message.
    static func decodedBytes(_ message: ArraySlice<UInt8>) throws(WireError) -> Int

    /// Reads a message.
    init(_ message: ArraySlice<UInt8>) throws(WireError)
}

extension RPCRequest {
    /// Names and numbers need no more, also where they are kept for as long as a call lasts.
    static var longest: Int? { 16 << 10 }

    /// Those of fields of two bytes each, which is more than any message has that is not about tensors.
    static func decodedBytes(_ message: ArraySlice<UInt8>) throws(WireError) -> Int { 64 * (message.count / 2) }
}

/// The methods of gRPC as routes: a call is a request by POST to `/package.Service/Method`, whose body is one message or
/// several, and so goes the way of all requests.
struct RPC: Sendable {
    let requests: ObjectRequests
    let counter: RequestCounter
    let exposesErrors: Bool

    /// A method.
    ///
    /// - Parameter isCounted: whether a call counts as one of those that a caller may send in a minute
    private func route(
        _ path: String, _ access: RouteTable.Access, isCounted: Bool,
        _ handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) -> RouteTable.Route {
        RouteTable.Route(method: .post, path: path, access: access, errors: .rpc, isCounted: isCounted) {
            request, context in
            guard request.headers.areOfCall else {
                throw ClientError(.unsupportedMediaType, "a call of gRPC has the Content-Type application/grpc")
            }
            return try await handler(request, context)
        }
    }

    /// A method that is asked by one message and answers with one.
    ///
    /// - Parameters:
    ///   - path: `/package.Service/Method`
    ///   - isCounted: whether a call counts as one of those that a caller may send in a minute
    func unary<Asked: RPCRequest>(
        _ path: String, access: RouteTable.Access = .callers, isCounted: Bool = false,
        answer: @escaping @Sendable (ObjectRequests.Asked<Asked>) async throws -> Response
    ) -> RouteTable.Route {
        route(path, access, isCounted: isCounted) { request, context in
            let body: BodyReader<Asked> = try requests.reader.limited(to: Asked.longest).message(of: request)
            guard try requests.deadline(of: request, context) > .now else { throw ServingError.deadlineExceeded }
            return try await requests.answer(body, of: request, context, answer: answer)
        }
    }

    /// A method that is asked by one message and answers with one that is small.
    ///
    /// - Parameter write: writes the answer
    func unary<Asked: RPCRequest>(
        _ path: String, access: RouteTable.Access = .callers,
        write: @escaping @Sendable (ObjectRequests.Asked<Asked>, inout MessageWriter) async throws -> Void
    ) -> RouteTable.Route {
        unary(path, access: access) { (asked: ObjectRequests.Asked<Asked>) in
            var writer = MessageWriter()
            try await write(asked, &writer)
            return Response(message: writer.bytes)
        }
    }

    /// A method that is asked by messages one after the other, each of which is answered by some.
    ///
    /// - Parameters:
    ///   - path: `/package.Service/Method`
    ///   - answer: answers a message; what it throws is the end of the call
    func stream<Asked: RPCRequest>(
        _ path: String, access: RouteTable.Access = .callers,
        answer: @escaping @Sendable (RPCStream.Call<Asked>, inout RPCWriter) async throws -> Void
    ) -> RouteTable.Route {
        route(path, access, isCounted: false) { request, context in
            let stream = RPCStream(
                request, context, requests, coding: try ContentCoding(ofMessages: request.headers),
                deadline: try requests.reader.streamDeadline(of: request, context))
            return Response(exposesErrors: exposesErrors) { writer in
                try await stream.answer(into: &writer, answer)
            }
        }
    }
}

extension RequestReader {
    /// Returns what reads the body of a call, which is one message.
    fileprivate func message<Asked: RPCRequest>(of request: Request) throws(ClientError) -> BodyReader<Asked> {
        let coding = try ContentCoding(ofMessages: request.headers)
        return message {
            let (bytes, reservation) = try await body(of: request)
            let message = try RPCFraming.only(in: bytes, limit: maxBodyBytes)
            return (message.bytes, try coding.coding(of: message), reservation)
        }
    }

    /// Returns what reads a message.
    ///
    /// - Parameter receive: receives it, with its coding and its place in the memory
    func message<Asked: RPCRequest>(
        _ receive: @escaping @Sendable () async throws -> (ByteBuffer, ContentCoding, MemoryBudget.Reservation)
    ) -> BodyReader<Asked> {
        BodyReader(
            maxBodyBytes: maxBodyBytes, receive: receive,
            decodedBytes: { (bytes) throws(ClientError) in
                // The message itself is copied once.
                try bytes.read { (message) throws(WireError) in message.count + (try Asked.decodedBytes(message)) }
            },
            decode: { (bytes) throws(ClientError) in
                try bytes.read { (message) throws(WireError) in try Asked(message) }
            })
    }
}

extension ByteBufferView {
    /// Reads a message.
    fileprivate func read<Value>(
        _ read: (ArraySlice<UInt8>) throws(WireError) -> Value
    ) throws(ClientError) -> Value {
        do {
            return try read(Array(self)[...])
        } catch {
            throw ClientError(.malformedRequest, "\(error)")
        }
    }
}
