import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import PenstockServing

extension HTTPFields {
    /// The fields before the messages of an answer.
    fileprivate static let ofCall: HTTPFields = [
        .contentType: "application/grpc", .grpcAcceptEncoding: ContentCoding.ofMessages,
    ]
}

extension ErrorResponse {
    /// The answer to a call that is refused before anything else sees it.
    var partsOfCall: [HTTPResponsePart] {
        var fields = HTTPFields.ofCall
        fields.append(contentsOf: headers)
        fields.secure()
        return [.head(HTTPResponse(status: .ok, headerFields: fields)), .end(rpcTrailers)]
    }
}

extension Response {
    /// The answer to a call: one message.
    ///
    /// - Parameter reservation: the place of the message in the memory, held until the last of it is handed out; nil if it
    ///   is small
    init(message bytes: [UInt8], holding reservation: MemoryBudget.Reservation? = nil) {
        self.init(messages: { writer in
            try await writer.write(message: bytes)
            withExtendedLifetime(reservation) {}
        })
    }

    /// The answer to a call that fails before there is a message.
    init(rpc failure: ErrorResponse) {
        let trailers = failure.rpcTrailers
        self.init(
            status: .ok, headers: HTTPFields.ofCall,
            body: ResponseBody { writer in try await writer.finish(trailers) })
        headers.append(contentsOf: failure.headers)
    }

    /// The answer to a call: messages as they come, and what goes wrong behind them.
    ///
    /// - Parameters:
    ///   - exposesErrors: whether the client is told what went wrong inside
    ///   - write: writes the messages
    init(exposesErrors: Bool = false, messages write: @escaping @Sendable (inout RPCWriter) async throws -> Void) {
        self.init(
            status: .ok, headers: HTTPFields.ofCall,
            body: ResponseBody { writer in
                var messages = RPCWriter(writer)
                var trailers = RPCStatus.success
                do {
                    try await write(&messages)
                } catch let failure as RPCWriter.Failure {
                    throw failure.cause
                } catch {
                    trailers = ErrorResponse(error, exposesErrors: exposesErrors).rpcTrailers
                }
                try await writer.finish(trailers)
            })
    }
}

/// A writer of the messages of an answer.
struct RPCWriter {
    /// The reason why nothing can be written any more, which nobody is there to be told of.
    struct Failure: Error {
        let cause: any Error
    }

    private static let pieceBytes = 64 << 10

    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    /// Writes a message, as the client takes it.
    ///
    /// - Throws: ``Failure`` if the client has gone.
    mutating func write(message bytes: [UInt8]) async throws {
        do {
            var piece = RPCFraming.prefix(of: bytes.count)
            var rest = bytes[...]
            repeat {
                piece.writeBytes(rest.prefix(Self.pieceBytes))
                rest = rest.dropFirst(Self.pieceBytes)
                try await writer.write(piece)
                piece = ByteBuffer()
            } while !rest.isEmpty
        } catch {
            throw Failure(cause: error)
        }
    }
}
