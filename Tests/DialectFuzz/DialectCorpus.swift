import HTTPTypes
import PenstockJSON
import PenstockTestSupport

/// Good requests of each dialect, and the models that answer them.
struct DialectCorpus: Sendable {
    /// A request.
    struct Sample: Sendable {
        enum Body: Sendable {
            case none
            case text(String)
            case json(JSONValue)
            /// JSON, and the elements of tensors behind it.
            case tensors(JSONValue, [JSONValue])
            /// Messages of a call of gRPC, as ``WireForm`` has them.
            case messages([JSONValue])
        }

        let dialect: String
        let method: HTTPRequest.Method
        let path: String
        let headers: HTTPFields
        let body: Body

        /// The documents of the body.
        var documents: [JSONValue] {
            switch body {
            case .none, .text: []
            case .json(let document), .tensors(let document, _): [document]
            case .messages(let messages): messages
            }
        }
    }

    /// Names of models with their fixtures, in the order in which they are served.
    let models: [(name: String, checkpoint: String)]
    /// The files of a decoder that writes JSON, calls of tools and thoughts.
    let decoder: [(name: String, bytes: [UInt8])]
    let samples: [Sample]

    /// - Parameter dialect: the only one whose requests are taken; nil for all
    init(dialect: String?) throws {
        let file = try Fixtures.json(Fixtures.path("dialects.json"))
        models = Self.entries(file["models"]).map { ($0.key, $0.value.string ?? "") }
        decoder = Self.entries(file["decoder"]).map { ($0.key, LooseJSON.bytes($0.value)) }
        let dialects = Self.entries(file["requests"]).filter { dialect == nil || $0.key == dialect }
        samples = dialects.flatMap { entry in (entry.value.array ?? []).map { Self.sample($0, entry.key) } }
        guard !samples.isEmpty else {
            let names = Self.entries(file["requests"]).map(\.key).joined(separator: ", ")
            throw AnswerFault("there is no dialect of this name; there are \(names)")
        }
    }

    private static func entries(_ value: JSONValue?) -> [JSONObject.Entry] { value?.object?.entries ?? [] }

    private static func sample(_ value: JSONValue, _ dialect: String) -> Sample {
        var headers = HTTPFields()
        for entry in entries(value["headers"]) { headers.put(entry.key, entry.value.string ?? "") }
        if let call = value["call"]?.string {
            headers[.contentType] = "application/grpc"
            return Sample(
                dialect: dialect, method: .post, path: "/\(call)", headers: headers,
                body: .messages(value["messages"]?.array ?? []))
        }
        let body: Sample.Body
        if let document = value["body"] {
            body = .json(document)
        } else if let document = value["json"] {
            body = .tensors(document, value["tail"]?.array ?? [])
        } else if let text = value["text"]?.string {
            body = .text(text)
        } else {
            body = .none
        }
        return Sample(
            dialect: dialect, method: value["method"]?.string == "GET" ? .get : .post,
            path: value["path"]?.string ?? "/", headers: headers, body: body)
    }
}

extension HTTPFields {
    /// Sets a field by its name, if that can be one.
    mutating func put(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
