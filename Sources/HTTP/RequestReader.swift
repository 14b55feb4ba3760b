import HTTPTypes
import Hummingbird
import NIOCore
import PenstockJSON
import PenstockServing

/// Reads the bodies of requests, compressed or not, within the limits of bytes and time.
struct RequestReader: Sendable {
    private(set) var maxBodyBytes: Int
    /// The budget in which bodies and answers get their place.
    let memory: MemoryBudget
    /// The beats of streams that wait; nil for none.
    let beats: StreamBeats?

    init(_ configuration: ServerConfiguration, memory: MemoryBudget) {
        (maxBodyBytes, self.memory) = (configuration.maxBodyBytes, memory)
        let interval = configuration.keepAliveInterval
        beats = interval > .zero ? StreamBeats(interval: interval, schedule: configuration.scheduleBeat) : nil
    }

    /// The same with a lower limit of bytes; nil for none.
    func limited(to bytes: Int?) -> RequestReader {
        var limited = self
        limited.maxBodyBytes = min(bytes ?? maxBodyBytes, maxBodyBytes)
        return limited
    }

    /// When an answer has to be there, by the headers.
    ///
    /// - Parameter timeout: how long a request may take; `X-Request-Timeout` in seconds can only shorten it.
    func deadline(
        of request: Request, _ context: ServerContext, timeout: Duration
    ) throws(ClientError) -> ContinuousClock.Instant {
        let requested = try requestedTime(of: request)
        return context.arrival + min(timeout, requested ?? timeout)
    }

    /// When all of an answer that is streamed has to be there, if `X-Request-Timeout` says so.
    func streamDeadline(
        of request: Request, _ context: ServerContext
    ) throws(ClientError) -> ContinuousClock.Instant? {
        try requestedTime(of: request).map { context.arrival + $0 }
    }

    /// Returns what reads the body as a call of a task: a text, or JSON with inputs and parameters.
    ///
    /// - Parameters:
    ///   - alias: another name that the field `inputs` may have
    ///   - form: what the body is; nil for what its Content-Type says
    func call(
        of request: Request, alias: String? = nil, as form: BodyForm? = nil
    ) throws(ClientError) -> BodyReader<Call> {
        let uri = request.uri
        let known = if let form { form } else { try BodyForm(request.headers) }
        return try body(of: request, as: known) { (form, bytes) throws(ClientError) in
            try form.call(bytes, query: uri.parameters, alias: alias)
        }
    }

    /// Returns what reads the body as a JSON object, whatever its Content-Type claims, and then the fields of it.
    ///
    /// - Parameters:
    ///   - allowsNone: whether there may be no body, which is then an object without fields
    ///   - decode: reads the fields
    func fields<Fields: Sendable>(
        of request: Request, allowsNone: Bool = false,
        decode: @escaping @Sendable (RequestFields) throws(ClientError) -> Fields
    ) throws(ClientError) -> BodyReader<Fields> {
        try body(of: request, as: .json) { (form, bytes) throws(ClientError) in
            if allowsNone, bytes.isEmpty { return try decode(RequestFields(JSONObject())) }
            guard let object = try form.document(bytes).object else {
                throw ClientError(.invalidRequest, "the request body has to be a JSON object")
            }
            return try decode(RequestFields(object))
        }
    }

    /// Returns what reads the body in a form.
    ///
    /// - Parameter decode: makes a value of the bytes without their coding
    func body<Value: Sendable>(
        of request: Request, as form: BodyForm,
        decode: @escaping @Sendable (BodyForm, ByteBufferView) throws(ClientError) -> Value
    ) throws(ClientError) -> BodyReader<Value> {
        let coding = try ContentCoding(request.headers)
        return BodyReader(
            maxBodyBytes: maxBodyBytes,
            receive: {
                let (bytes, reservation) = try await body(of: request)
                return (bytes, coding, reservation)
            },
            decodedBytes: form.decodedBytes,
            decode: { (bytes) throws(ClientError) in try decode(form, bytes) })
    }

    /// The time that a request may take by its headers; nil if they do not say.
    private func requestedTime(of request: Request) throws(ClientError) -> Duration? {
        let (given, ofCall) = (try givenTime(of: request), try RPCTimeout.time(of: request.headers))
        return given.map { min($0, ofCall ?? $0) } ?? ofCall
    }

    private func givenTime(of request: Request) throws(ClientError) -> Duration? {
        guard let header = request.headers[.requestTimeout] else { return nil }
        guard header.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let seconds = Double(header),
            seconds > 0,
            seconds.isFinite
        else {
            throw ClientError(.invalidHeader, "X-Request-Timeout has to be a positive number of seconds")
        }
        return .seconds(min(seconds, 1e6))
    }

    /// Receives a body, with its place in the memory.
    func body(of request: Request) async throws -> (ByteBuffer, MemoryBudget.Reservation) {
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

/// A call: what a request asks of a task.
struct Call: Sendable {
    let inputs: JSONValue
    let parameters: JSONObject
    /// True if inputs came as the `instances` of Google's Vertex AI, whose answers are `predictions`.
    let isOfInstances: Bool

    /// The task that the fields belong to, whatever else the model does; nil if they tell none.
    var impliedTask: String? {
        if parameters["candidate_labels"] != nil { return "zero-shot-classification" }
        guard let input = inputs.object ?? inputs.array?.first?.object else { return nil }
        let tasks: KeyValuePairs = [
            "query": "text-ranking", "question": "question-answering", "source_sentence": "sentence-similarity",
        ]
        return tasks.first { input[$0.key] != nil }?.value
    }
}

/// A form in which a request body is written, by its headers.
enum BodyForm {
    case text
    case json
    /// JSON of so many bytes, and behind it the bytes of tensors.
    case tensors(head: Int)

    /// - Throws: ``ClientError`` for what cannot be a text: images, archives.
    init(_ headers: HTTPFields) throws(ClientError) {
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
        // `curl -d` claims the first of any text.
        case ("application", "x-www-form-urlencoded"), ("text", _): self = .text
        default:
            throw ClientError(.unsupportedMediaType, "this Content-Type is not supported; \(Self.remedy)")
        }
    }

    private static let remedy = "send text/plain or application/json"

    /// Bytes that the decoded body takes at most beside its texts: values are much larger than the bytes that stand for
    /// them.
    func decodedBytes(_ body: ByteBufferView) -> Int {
        let bytesPerValue = 64
        func values(_ json: ByteBufferView) -> Int {
            json.reduce(0) { count, byte in
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"): count + 1
                default: count
                }
            }
        }
        switch self {
        case .text: return 0
        case .json: return bytesPerValue * values(body)
        // Without JSON, all of it is one text. In a tensor of texts, an empty one has four bytes.
        case .tensors(head: 0): return bytesPerValue
        case .tensors(let head):
            return bytesPerValue * (values(body.prefix(head)) + body.dropFirst(head).count / 4)
        }
    }

    /// The JSON document that a body is; a text is a string.
    func document(_ body: ByteBufferView) throws(ClientError) -> JSONValue {
        guard !body.isEmpty else { throw ClientError(.emptyBody, "the request body is empty; send a text") }
        switch self {
        case .text:
            guard let text = String(validating: body, as: UTF8.self) else {
                throw ClientError(.invalidUTF8, "the request body is not UTF-8")
            }
            return .string(text)
        case .json, .tensors:
            do {
                return try JSONValue(parsing: body)
            } catch {
                throw ClientError(.malformedJSON, "the request body is not JSON: \(error)")
            }
        }
    }
}
