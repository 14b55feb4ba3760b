import HTTPTypes
import PenstockServing

/// The statuses of calls of gRPC (<https://grpc.io/docs/guides/status-codes>) that the server gives.
enum RPCStatus: Int {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case permissionDenied = 7
    case resourceExhausted = 8
    case aborted = 10
    case unimplemented = 12
    case failed = 13
    case unavailable = 14
    case unauthenticated = 16
}

extension ErrorResponse {
    /// The status of a call that fails with this error.
    var rpcStatus: RPCStatus {
        switch status.code {
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .notFound
        case 405, 501: .unimplemented
        case 408, 504: .deadlineExceeded
        case 409: .aborted
        case 413, 429: .resourceExhausted
        case 499: .cancelled
        case 503: code == ServingError.Code.overloaded.rawValue ? .resourceExhausted : .unavailable
        case 400..<500: .invalidArgument
        case 500: .failed
        default: .unknown
        }
    }

    /// The fields behind the messages of a call that fails with this error.
    var rpcTrailers: HTTPFields {
        var fields: HTTPFields = [.grpcStatus: "\(rpcStatus.rawValue)"]
        fields[.grpcMessage] = RPCStatus.escaped(message)
        return fields
    }
}

extension RPCStatus {
    /// Bytes of the longest message: clients take no more than some thousand bytes of fields.
    private static let longestMessage = 2048

    /// The fields behind the messages of a call that is answered.
    static let success: HTTPFields = [.grpcStatus: "\(ok.rawValue)"]

    /// A message as a field has it: bytes that are no visible ASCII, and the percent sign, as `%` and two digits.
    static func escaped(_ message: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        for scalar in message.unicodeScalars {
            var one: [UInt8] = []
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                if 0x20...0x7E ~= byte, byte != UInt8(ascii: "%") {
                    one.append(byte)
                } else {
                    one += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
            guard escaped.count + one.count <= longestMessage else { break }
            escaped += one
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

extension HTTPField.Name {
    /// The status of a call.
    package static let grpcStatus = known("grpc-status")
    /// The message of a call that fails.
    package static let grpcMessage = known("grpc-message")
    /// The time that a call may take.
    package static let grpcTimeout = known("grpc-timeout")
    /// The coding of the messages that are compressed.
    package static let grpcEncoding = known("grpc-encoding")
    /// The codings that may be sent.
    package static let grpcAcceptEncoding = known("grpc-accept-encoding")
}
