import HTTPTypes
import PenstockHTTP
import PenstockJSON
import Testing

/// A request of the Open Inference Protocol with bytes behind its JSON.
struct TensorRequest {
    let json: String
    let tail: [UInt8]

    /// The fields of a tensor of texts by name.
    static func input(_ name: String, _ texts: [String]) -> String {
        let data = texts.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"name":"\#(name)","shape":[\#(texts.count)],"datatype":"BYTES","data":[\#(data)]}"#
    }

    /// The bytes of a tensor of texts.
    static func bytes(of texts: [String]) -> [UInt8] {
        texts.flatMap { text in
            littleEndian(UInt32(truncatingIfNeeded: text.utf8.count)) + Array(text.utf8)
        }
    }

    static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    func send(to path: String, _ server: TestServer, _ headers: HTTPFields = [:]) async throws -> TestServer.Reply {
        var headers = headers
        headers[.inferenceHeader] = headers[.inferenceHeader] ?? "\(json.utf8.count)"
        return try await server.send(.post, path, headers, body: Array(json.utf8) + tail)
    }
}

extension TestServer {
    /// Asks a model with the fields of tensors, and with more fields behind them.
    func infer(_ model: String, _ inputs: [String], _ more: String = "") async throws -> Reply {
        try await post(#"{"inputs":[\#(inputs.joined(separator: ","))]\#(more)}"#, to: "/v2/models/\(model)/infer")
    }
}

extension TestServer.Reply {
    /// The JSON of an answer with bytes behind it, and those bytes.
    func tensors() throws -> (json: String, tail: [UInt8]) {
        let head = try #require(headers[.inferenceHeader].flatMap { Int($0) })
        return (String(decoding: bytes.prefix(head), as: UTF8.self), Array(bytes.dropFirst(head)))
    }
}
