import HTTPTypes
import NIOCore

/// The messages of a call in what is received: each behind a byte that tells whether it is compressed, and its length in
/// four bytes, the highest first (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
struct RPCFraming {
    struct Message: Sendable {
        let bytes: ByteBuffer
        let isCompressed: Bool
    }

    /// The bytes before a message.
    static let prefixBytes = 5

    /// The bytes that were received and belong to no message that was taken.
    private(set) var rest: ByteBuffer

    init(_ bytes: ByteBuffer = ByteBuffer()) { rest = bytes }

    mutating func append(_ bytes: ByteBuffer) {
        if rest.readableBytes == 0 { rest = bytes } else { rest.writeImmutableBuffer(bytes) }
    }

    /// Takes the next message; nil if it is not here as a whole.
    ///
    /// - Throws: ``ClientError`` if it has more bytes than `limit`.
    mutating func next(limit: Int) throws(ClientError) -> Message? {
        guard let flag: UInt8 = rest.getInteger(at: rest.readerIndex),
            let length: UInt32 = rest.getInteger(at: rest.readerIndex + 1)
        else { return nil }
        guard flag <= 1 else { throw ClientError(.malformedRequest, "a message has to begin with a byte of 0 or 1") }
        guard length <= limit else { throw .bodyTooLarge(limit) }
        guard rest.readableBytes - Self.prefixBytes >= Int(length) else { return nil }
        rest.moveReaderIndex(forwardBy: Self.prefixBytes)
        guard let bytes = rest.readSlice(length: Int(length)) else { return nil }
        if rest.readableBytes == 0 {
            rest = ByteBuffer()
        } else if rest.readerIndex > rest.readableBytes {
            rest.discardReadBytes()
        }
        return Message(bytes: bytes, isCompressed: flag == 1)
    }

    /// The only message of a call.
    ///
    /// - Throws: ``ClientError`` if there is none, not all of it, or more behind it.
    static func only(in bytes: ByteBuffer, limit: Int) throws(ClientError) -> Message {
        var framing = RPCFraming(bytes)
        guard let message = try framing.next(limit: limit), framing.rest.readableBytes == 0 else {
            throw ClientError(.malformedRequest, "the call has to have one message, with all its bytes")
        }
        return message
    }

    /// The bytes before a message of so many.
    static func prefix(of count: Int) -> ByteBuffer {
        var prefix = ByteBuffer()
        prefix.writeInteger(0 as UInt8)
        prefix.writeInteger(UInt32(clamping: count))
        return prefix
    }
}

extension ContentCoding {
    /// The coding of the messages of a call that are compressed.
    ///
    /// - Throws: ``ClientError`` for one that is not supported.
    init(ofMessages headers: HTTPFields) throws(ClientError) {
        switch headers[.grpcEncoding] ?? "identity" {
        case "identity": self = .identity
        case "gzip": self = .gzip
        case "deflate": self = .deflate
        case let other:
            throw ClientError(
                .notImplemented, "the encoding \(other.excerpt) is not supported; send gzip, deflate or identity",
                headers: [.grpcAcceptEncoding: Self.ofMessages])
        }
    }

    /// The codings that messages may have.
    static let ofMessages = "identity,deflate,gzip"

    /// The coding of a message of a call that has this one.
    func coding(of message: RPCFraming.Message) throws(ClientError) -> ContentCoding {
        guard message.isCompressed else { return .identity }
        guard self != .identity else {
            throw ClientError(.malformedRequest, "a message is compressed, but grpc-encoding does not say how")
        }
        return self
    }
}
