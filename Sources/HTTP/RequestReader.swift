import HTTPTypes
import Hummingbird
import NIOCore
import PenstockJSON
import PenstockServing

/// Reads the calls of all APIs that take texts.
///
/// The body is the text itself, or with `application/json` an object `{"inputs": …, "parameters": {…}}`. Further keys of
/// the object count as parameters, as in the feature-extraction calls of `huggingface_hub`.
struct RequestReader: Sendable {
    let maxBodyBytes: Int
    /// Where bodies and answers get their place.
    let memory: MemoryBudget

    /// When the answer has to be there, by the headers, and what reads the body.
    ///
    /// - Parameter timeout: how long a request may take; `X-Request-Timeout` in seconds can only shorten it.
    func call(of request: Request, _ context: ServerContext, timeout: Duration) throws(ClientError) -> (
        deadline: ContinuousClock.Instant,
        body: @Sendable (Client) async throws -> Call
    ) {
        let form = try BodyForm(request.headers)
        let deadline = context.arrival + (try self.timeout(of: request, atMost: timeout))
        return (
            deadline,
            { client in
                let (body, reservation) = try await body(of: request)
                return try await client.work { _ in
                    try reservation.grow(by: form.decodedBytes(body))
                    let (inputs, parameters) = try form.decode(body)
                    return Call(inputs: inputs, parameters: parameters, reservation: reservation)
                }
            }
        )
    }

    private func timeout(of request: Request, atMost longest: Duration) throws(ClientError) -> Duration {
        guard let header = request.headers[.requestTimeout] else { return longest }
        guard header.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let seconds = Double(header),
            seconds > 0,
            seconds.isFinite
        else {
            throw ClientError(.invalidHeader, "X-Request-Timeout has to be a positive number of seconds")
        }
        return min(longest, .seconds(min(seconds, 1e6)))
    }

    private func body(of request: Request) async throws -> (ByteBuffer, MemoryBudget.Reservation) {
        let tooLarge = ClientError.bodyTooLarge(maxBodyBytes)
        if let length = request.headers[.contentLength], Int(length) ?? .max > maxBodyBytes { throw tooLarge }
        let reservation = try memory.reserve(0)
        var body = ByteBuffer()
        for try await var part in request.body {
            guard body.readableBytes + part.readableBytes <= maxBodyBytes else { throw tooLarge }
            try reservation.grow(by: part.readableBytes)
            body.writeBuffer(&part)
        }
        return (body, reservation)
    }
}

/// What a request asks, and its place in the memory, held as long as anybody has the call.
struct Call: Sendable {
    let inputs: JSONValue
    let parameters: JSONObject
    let reservation: MemoryBudget.Reservation
}

/// How a request body is written, by its headers.
enum BodyForm {
    case text
    case json

    /// - Throws: ``ClientError`` for what cannot be a text: images, archives, other encodings.
    init(_ headers: HTTPFields) throws(ClientError) {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw ClientError(
                .unsupportedMediaType, "the body's Content-Encoding is not supported; send it plain",
                headers: [.acceptEncoding: "identity"])
        }
        let fields = headers[values: .contentType]
        guard let field = fields.first else {
            self = .text
            return
        }
        guard fields.count == 1, let contentType = ContentType(field) else {
            throw ClientError(.unsupportedMediaType, "the Content-Type is no media type; \(Self.remedy)")
        }
        for (name, charset) in contentType.parameters where name == "charset" {
            guard ["utf-8", "utf8", "us-ascii"].contains(charset) else {
                throw ClientError(.unsupportedMediaType, "this charset is not supported; send UTF-8")
            }
        }
        switch (contentType.type, contentType.subtype) {
        case ("application", "json"), ("text", "json"): self = .json
        case (_, let subtype) where subtype.hasSuffix("+json"): self = .json
        // What `curl -d` claims of any text.
        case ("application", "x-www-form-urlencoded"), ("text", _): self = .text
        default:
            throw ClientError(.unsupportedMediaType, "this Content-Type is not supported; \(Self.remedy)")
        }
    }

    private static let remedy = "send text/plain or application/json"

    /// Bytes that the decoded body takes at most beside its texts: values are much larger than the bytes that stand for them.
    func decodedBytes(_ body: ByteBuffer) -> Int {
        let bytesPerValue = 64
        guard case .json = self else { return 0 }
        return bytesPerValue
            * body.readableBytesView.reduce(0) { count, byte in
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"): count + 1
                default: count
                }
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
        switch object["parameters"] {
        case nil, .null: break
        case .object(let nested): parameters = nested
        case .some(let other):
            throw ClientError(.invalidRequest, "parameters has to be an object, not \(other.kind)")
        }
        try checkHostedOptions(object["options"])
        for entry in object.entries where !["inputs", "parameters", "options"].contains(entry.key) {
            parameters.append(entry.key, entry.value)
        }
        return (inputs, parameters)
    }

    /// What clients of hosted models say about caches and waiting has no meaning here, and changes no answer.
    private static func checkHostedOptions(_ options: JSONValue?) throws(ClientError) {
        guard let options, !options.isNull else { return }
        let known = ["use_cache", "use_gpu", "wait_for_model"]
        guard let object = options.object, object.entries.allSatisfy({ known.contains($0.key) && $0.value.bool != nil })
        else {
            throw ClientError(
                .invalidRequest, "options has to be an object of \(known.joined(separator: ", ")), each true or false")
        }
    }
}
