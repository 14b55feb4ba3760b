import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// Errors before and behind the first token of a stream, in the words of each API.
@Suite struct DialectFaultTests {
    private static let chat = #""messages":[{"role":"user","content":"t38"}]"#

    /// With every token forbidden that was there, a vocabulary of 67 comes to its end.
    private static func server() throws -> TestServer {
        try GenerationWire.server(naming: [:], generation: #"{"eos_token_id": null, "no_repeat_ngram_size": 1}"#)
    }

    /// The last line or event of a stream, the keys of its JSON, and what stands in front of that.
    @Test(arguments: [
        ("/api/chat", #"\#(chat),"options":{"temperature":0}"#, "", ["error"]),
        ("/api/generate", #""prompt":"t38","raw":true,"options":{"temperature":0}"#, "", ["error"]),
        (
            "/v1/messages", #"\#(chat),"max_tokens":100,"temperature":0,"stream":true"#, "event: error\ndata: ",
            ["type", "error"]
        ), ("/completion", #""prompt":"t38","temperature":0,"stream":true"#, "data: ", ["error"]),
        (
            "/generate_stream", #""inputs":"t38","parameters":{"do_sample":false,"max_new_tokens":100}"#, "data:",
            ["error", "error_type"]
        ),
        (
            "/v2/models/llama/generate_stream", #""text_input":"t38","max_tokens":100,"temperature":0"#, "data: ",
            ["error"]
        ),
    ])
    func behindTheFirstToken(path: String, body: String, start: String, keys: [String]) async throws {
        let reply = try await Self.server().post("{\(body)}", to: path)
        #expect(reply.status == 200, "\(reply.text)")
        let isLines = path.hasPrefix("/api/")
        #expect(isLines == !reply.text.contains("\n\n") && reply.text.hasSuffix(isLines ? "\n" : "\n\n"))
        let parts = reply.text.split(separator: isLines ? "\n" : "\n\n")
        #expect(parts.count > 60)
        let last = try #require(parts.last)
        #expect(last.hasPrefix(start))
        let json = try JSONValue(parsing: last.dropFirst(start.count).utf8)
        #expect(json.object?.entries.map(\.key) == keys, "\(last)")
        #expect(!reply.text.contains(#""done":true"#) && !reply.text.contains("message_stop"))
    }

    @Test(arguments: [
        ("/api/chat", #""messages":[{"role":"user","content":"LONG"}]"#),
        ("/api/generate", #""prompt":"LONG","raw":true"#),
        ("/v1/messages", #""messages":[{"role":"user","content":"LONG"}],"max_tokens":100,"stream":true"#),
        ("/completion", #""prompt":"LONG","stream":true"#), ("/generate_stream", #""inputs":"LONG""#),
        ("/v2/models/llama/generate_stream", #""text_input":"LONG""#),
    ])
    func beforeTheFirstToken(path: String, body: String) async throws {
        let long = DecoderCheckpoint.text(repeatElement(5, count: 1300))
        let reply = try await Self.server().post("{\(body.replacing("LONG", with: long))}", to: path)
        #expect(reply.status == 400)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(reply.text.contains("1300 tokens"))
    }
}
