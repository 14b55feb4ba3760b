import HTTPTypes
import PenstockJSON
import Testing

/// What the tests of APIs compare answers with: the numbers that the pipeline's own route gives, as JSON text.
struct WireSample {
    let server: TestServer

    /// The answer of the pipeline.
    func native(_ model: String, _ inputs: String, _ parameters: String = "{}") async throws -> JSONValue? {
        let reply = try await server.post(
            #"{"inputs": \#(inputs), "parameters": \#(parameters)}"#, to: "/models/\(model)")
        try #require(reply.status == 200, "\(reply.text)")
        return try reply.json
    }

    /// An array of what `write` makes of each element.
    static func list(_ elements: JSONValue?, _ write: (JSONValue) -> String) throws -> String {
        "[" + (try #require(elements?.array)).map(write).joined(separator: ",") + "]"
    }
}

extension JSONValue? {
    /// The value as JSON text; `null` for none.
    var written: String {
        var writer = JSONWriter()
        writer.value(self ?? .null)
        return String(decoding: writer.finish(), as: UTF8.self)
    }
}

extension TestServer.Reply {
    /// The keys of an object of the answer, or of the answer itself.
    func keys(of name: String? = nil) throws -> [String] {
        let value = try name.map { try json[$0] } ?? json
        return try #require(value?.object).entries.map(\.key)
    }
}
