import HTTPTypes
import Hummingbird
import NIOCore
import PenstockJSON

/// Reads the calls of all APIs that take texts.
///
/// The body is the text itself, or with `application/json` an object `{"inputs": …, "parameters": {…}}`. Further keys of
/// the object count as parameters, as in the feature-extraction calls of `huggingface_hub`.
struct RequestReader: Sendable {
    let maxBodyBytes: Int

    /// When the answer has to be there, by the headers, and what reads the body.
    ///
    /// - Parameter timeout: how long a request may take; `X-Request-Timeout` in seconds can only shorten it.
    func call(of request: Request, _ context: ServerContext, timeout: Duration) throws(ClientError) -> (
        deadline: ContinuousClock.Instant,
        body: @Sendable () async throws -> (inputs: JSONValue, parameters: JSONObject)
    ) {
        let form = try BodyForm(request.headers)
        let deadline = context.arrival + (try self.timeout(of: request, atMost: timeout))
        return (deadline, { try form.decode(try await body(of: request)) })
    }

    private func timeout(of request: Request, atMost longest: Duration) throws(ClientError) -> Duration {
        guard let header = request.headers[.requestTimeout] else { return longest }
        guard let seconds = Double(header), seconds > 0, seconds.isFinite else {
            throw ClientError(.invalidHeader, "X-Request-Timeout has to be a positive number of seconds")
        }
        return min(longest, .seconds(min(seconds, 1e6)))
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        let tooLarge = ClientError(
            .bodyTooLarge, "the request body has more than \(maxBodyBytes) bytes", headers: [.connection: "close"])
        if let length = request.headers[.contentLength].flatMap(Int.init), length > maxBodyBytes { throw tooLarge }
        do {
            return try await request.body.collect(upTo: maxBodyBytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }
}

/// How a request body is written, by its headers.
enum BodyForm {
    case text
    case json

    /// - Throws: ``ClientError`` for what cannot be a text: images, archives, other encodings.
    init(_ headers: HTTPFields) throws(ClientError) {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw ClientError(
                .unsupportedMediaType, "a body with the Content-Encoding \(encoding) is not supported; send it plain")
        }
        guard let header = headers[.contentType], let mediaType = MediaType(from: header) else {
            self = .text
            return
        }
        let charset = mediaType.parameter.flatMap { $0.name.lowercased() == "charset" ? $0.value.lowercased() : nil }
        guard charset.map(["utf-8", "utf8", "us-ascii", "\"utf-8\""].contains) ?? true else {
            throw ClientError(.unsupportedMediaType, "the charset \(charset ?? "") is not supported; send UTF-8")
        }
        let subtype = mediaType.subType.lowercased()
        switch (mediaType.type, subtype) {
        case (.application, "json"): self = .json
        case (.application, _) where subtype.hasSuffix("+json"): self = .json
        // What `curl -d` claims of any text.
        case (.application, "x-www-form-urlencoded"), (.text, _): self = .text
        default:
            throw ClientError(
                .unsupportedMediaType,
                "the Content-Type \(header) is not supported; send text/plain or application/json")
        }
    }

    func decode(_ body: ByteBuffer) throws(ClientError) -> (inputs: JSONValue, parameters: JSONObject) {
        guard body.readableBytes > 0 else { throw ClientError(.emptyBody, "the request body is empty; send a text") }
        switch self {
        case .text:
            guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
                throw ClientError(.invalidUTF8, "the request body is not UTF-8")
            }
            return (.string(text), JSONObject())
        case .json:
            let value: JSONValue
            do {
                value = try JSONValue(parsing: body.readableBytesView)
            } catch {
                throw ClientError(.malformedJSON, "the request body is not JSON: \(error)")
            }
            return try Self.request(value)
        }
    }

    private static func request(_ value: JSONValue) throws(ClientError) -> (inputs: JSONValue, parameters: JSONObject) {
        guard let object = value.object, let inputs = object["inputs"] else {
            throw ClientError(
                .invalidRequest, "the request has to be an object with \"inputs\" and, if need be, \"parameters\"")
        }
        var parameters = JSONObject()
        for entry in object.entries {
            switch (entry.key, entry.value) {
            case ("inputs", _), ("parameters", .null): continue
            case ("parameters", .object(let nested)):
                for entry in nested.entries { parameters.append(entry.key, entry.value) }
            case ("parameters", let other):
                throw ClientError(.invalidRequest, "parameters has to be an object, not \(other.kind)")
            default: parameters.append(entry.key, entry.value)
            }
        }
        return (inputs, parameters)
    }
}
