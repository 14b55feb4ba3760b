import HTTPTypes
import NIOCore
import PenstockPipelines

/// A coding by which a body is compressed, by its Content-Encoding (RFC 9110, 8.4.1).
enum ContentCoding: Sendable {
    case identity
    case gzip
    case deflate

    /// - Throws: ``ClientError`` for a coding that is not supported, and for several.
    init(_ headers: HTTPFields) throws(ClientError) {
        let fields = headers[values: .contentEncoding]
        switch fields.first?.lowercased() ?? "identity" {
        case "identity" where fields.count <= 1: self = .identity
        case "gzip" where fields.count == 1, "x-gzip" where fields.count == 1: self = .gzip
        case "deflate" where fields.count == 1: self = .deflate
        default:
            throw ClientError(
                .unsupportedMediaType, "the body's Content-Encoding is not supported; send it in gzip or plain",
                headers: [.acceptEncoding: "gzip, deflate, identity"])
        }
    }

    /// Returns what a body of these bytes is without its coding; nil if it has none.
    ///
    /// - Parameters:
    ///   - limit: the bytes that it may have then
    ///   - scope: asked now and then
    ///   - takeRoom: called before the memory for so many more bytes is taken
    /// - Throws: ``ClientError`` for what is no such data or larger than the limit, what `takeRoom` throws, and
    ///   `PipelineError` when nobody waits any more
    func expanded(
        _ body: ByteBufferView, limit: Int, in scope: RequestScope, takeRoom: @escaping (Int) throws -> Void
    ) async throws -> [UInt8]? {
        guard !body.isEmpty, self != .identity else { return nil }
        let bytes = Array(body)
        do {
            switch self {
            case .identity: return nil
            case .gzip: return try await Self.gunzipped(bytes, Inflate(limit: limit, takeRoom: takeRoom), scope)
            case .deflate: return try await Self.inflated(bytes, Inflate(limit: limit, takeRoom: takeRoom), scope)
            }
        } catch Inflate.Failure.tooLarge {
            throw ClientError.bodyTooLarge(limit)
        } catch is Inflate.Failure {
            throw ClientError(.malformedRequest, "the body is not what its Content-Encoding says, or is damaged")
        }
    }

    /// Members of the gzip format (RFC 1952), one after the other.
    private static func gunzipped(
        _ bytes: [UInt8], _ inflate: Inflate, _ scope: RequestScope
    ) async throws -> [UInt8] {
        var inflate = inflate
        var rest = bytes[...]
        repeat {
            rest = try rest.dropGzipHeader()
            let start = inflate.output.count
            rest = rest[try await inflate.expand(rest, in: scope)...]
            let output = inflate.output[start...]
            guard rest.count >= 8, rest.number(bytes: 4) == CRC32.checksum(of: output),
                rest.dropFirst(4).number(bytes: 4) == UInt32(truncatingIfNeeded: output.count)
            else { throw Inflate.Failure.damaged }
            rest = rest.dropFirst(8)
        } while !rest.isEmpty
        return inflate.output
    }

    /// The zlib format (RFC 1950), or DEFLATE without it, as some send by this name.
    private static func inflated(
        _ bytes: [UInt8], _ inflate: Inflate, _ scope: RequestScope
    ) async throws -> [UInt8] {
        var inflate = inflate
        let hasHeader =
            bytes.count >= 2 && bytes[0] & 15 == 8 && bytes[0] >> 4 <= 7
            && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
        guard hasHeader else {
            guard try await inflate.expand(bytes[...], in: scope) == bytes.endIndex else {
                throw Inflate.Failure.damaged
            }
            return inflate.output
        }
        // A dictionary that was agreed on elsewhere.
        guard bytes[1] & 0x20 == 0 else { throw Inflate.Failure.damaged }
        let rest = bytes[try await inflate.expand(bytes[2...], in: scope)...]
        guard rest.count == 4, rest.reversed()[...].number(bytes: 4) == adler32(of: inflate.output) else {
            throw Inflate.Failure.damaged
        }
        return inflate.output
    }

    private static func adler32(of bytes: [UInt8]) -> UInt32 {
        let base: UInt32 = 65521
        // Sums of so many bytes fit 32 bits.
        let most = 5552
        var (a, b): (UInt32, UInt32) = (1, 0)
        for start in stride(from: 0, to: bytes.count, by: most) {
            for byte in bytes[start..<min(bytes.count, start + most)] {
                a += UInt32(byte)
                b += a
            }
            (a, b) = (a % base, b % base)
        }
        return b << 16 | a
    }
}

extension ArraySlice<UInt8> {
    /// The number that the first bytes are, the lowest first.
    fileprivate func number(bytes count: Int) -> UInt32 {
        prefix(count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Returns what follows the header of a member (RFC 1952, 2.3).
    fileprivate func dropGzipHeader() throws(Inflate.Failure) -> ArraySlice<UInt8> {
        let (header, extra, name, comment, checksum): (Int, UInt8, UInt8, UInt8, UInt8) = (10, 4, 8, 16, 2)
        guard count >= header, starts(with: [0x1F, 0x8B, 8]) else { throw .damaged }
        let flags = self[startIndex + 3]
        guard flags & 0xE0 == 0 else { throw .damaged }
        var rest = dropFirst(header)
        if flags & extra != 0 { rest = rest.dropFirst(2 + Int(rest.number(bytes: 2))) }
        for flag in [name, comment] where flags & flag != 0 { rest = rest.drop { $0 != 0 }.dropFirst() }
        if flags & checksum != 0 { rest = rest.dropFirst(2) }
        return rest
    }
}

/// The checksum of gzip (RFC 1952, 8).
private enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }
}
