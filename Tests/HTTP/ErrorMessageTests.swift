import HTTPTypes
import PenstockJSON
import Testing

/// Messages about what a client sent quote no more than an excerpt of it.
@Suite struct ErrorMessageTests {
    private static let long = String(repeating: "é", count: 12_000)
    private static let digits = String(repeating: "0", count: 20_000)

    @Test(arguments: [
        #"{"inputs": "a [MASK]", "LONG": 1}"#,
        #"{"inputs": "a [MASK]", "parameters": {"LONG": 1}}"#,
        #"{"inputs": "a [MASK]", "tokenizer_kwargs": {"LONG": 1}}"#,
        #"{"inputs": {"LONG": 1}}"#,
        #"{"inputs": [["LONG"]]}"#,
        #"{"inputs": "a [MASK]", "parameters": "LONG"}"#,
        #"{"inputs": "a [MASK]", "options": {"LONG": true}}"#,
        #"{"inputs": "a [MASK]", "top_k": "LONG"}"#,
        #"{"inputs": "a [MASK]", "top_k": 1DIGITS}"#,
        #"{"inputs": "a [MASK]", "targets": {"LONG": "LONG"}}"#,
        #"{"inputs": "LONG"}"#,
        #"{"inputs": LONG}"#,
        #"{"LONG": 1}"#,
        #"LONG"#,
        #"{"inputs": "\LONG"}"#,
    ])
    func areShort(body: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let long = body.replacing("LONG", with: Self.long).replacing("DIGITS", with: Self.digits)
        for path in ["/", "/tokenize"] {
            let reply = try await server.send(.post, path, [.contentType: "application/json"], body: Array(long.utf8))
            #expect(reply.status == 200 || reply.bytes.count < 500, "\(path)")
        }
    }

    @Test(arguments: [
        HTTPFields([HTTPField(name: .contentType, value: long)]),
        HTTPFields([HTTPField(name: .contentType, value: "text/plain; charset=\(long)")]),
        HTTPFields([HTTPField(name: .contentEncoding, value: long)]),
    ])
    func areShortAboutHeaders(headers: HTTPFields) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.send(.post, "/", headers, body: Array("a [MASK]".utf8))
        #expect(reply.status == 415)
        #expect(reply.bytes.count < 300)
    }

    @Test func areCutWhereACharacterEnds() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let key = "x" + String(repeating: "e\u{301}", count: 1000)
        let reply = try await server.post("{\"inputs\": \"a [MASK]\", \"\(key)\": 1}", as: "application/json")
        let message = try #require(try reply.json["error"]?["message"]?.string)
        #expect(message.contains("\"x" + String(repeating: "e\u{301}", count: 19) + "…\""))
    }

    @Test func areShortAboutOneCharacterWithoutEnd() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let key = "e" + String(repeating: "\u{301}", count: 10_000)
        let reply = try await server.post("{\"inputs\": \"a [MASK]\", \"\(key)\": 1}", as: "application/json")
        #expect(reply.status == 422)
        #expect(reply.bytes.count < 400)
    }
}
