import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /v1/messages` as Anthropic's clients know it.
@Suite struct MessagesAPITests {
    private static func body(_ more: String = "", messages: String = GenerationSample.chat) -> String {
        #"{"model":"llama","max_tokens":4,"temperature":0,"messages":\#(messages)\#(more)}"#
    }

    @Test(arguments: ["", #","metadata":{"user_id":"u"},"thinking":{"type":"disabled"},"tools":[],"stream":false"#])
    func aMessageByteForByte(more: String) async throws {
        let sample = try GenerationSample()
        let text = try await sample.pieces(GenerationSample.chat).joined()
        let reply = try await sample.server.post(Self.body(more), to: "/v1/messages?beta=true", [.requestID: "7"])
        #expect(reply.status == 200)
        #expect(reply.headers[try #require(HTTPField.Name("request-id"))] == "7")
        #expect(
            try GenerationSample.settled(reply.text)
                == #"{"id":"msg_1","type":"message","role":"assistant","model":"llama","content":[{"type":"text","text":"#
                + GenerationSample.quoted(text) + #"}],"stop_reason":"max_tokens","stop_sequence":null,"#
                + #""usage":{"input_tokens":6,"output_tokens":4}}"#)
    }

    @Test func aStreamByteForByte() async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(GenerationSample.chat)
        let reply = try await sample.server.post(Self.body(#","stream":true"#), to: "/v1/messages")
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "text/event-stream")
        func event(_ type: String, _ fields: String = "") -> String {
            "event: \(type)\ndata: {\"type\":\"\(type)\"\(fields)}\n\n"
        }
        let message =
            #","message":{"id":"msg_1","type":"message","role":"assistant","model":"llama","content":[],"#
            + #""stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":6,"output_tokens":0}}"#
        var expected = event("message_start", message)
        expected += event("content_block_start", #","index":0,"content_block":{"type":"text","text":""}"#)
        for piece in pieces {
            let delta = #","index":0,"delta":{"type":"text_delta","text":\#(GenerationSample.quoted(piece))}"#
            expected += event("content_block_delta", delta)
        }
        expected += event("content_block_stop", #","index":0"#)
        expected += event(
            "message_delta", #","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":4}"#)
        expected += event("message_stop")
        #expect(try GenerationSample.settled(reply.text) == expected)
    }

    @Test func contentsOfBlocksAreTheirTexts() async throws {
        let sample = try GenerationSample()
        func text(_ more: String = "", _ messages: String) async throws -> JSONValue? {
            let reply = try await sample.server.post(Self.body(more, messages: messages), to: "/v1/messages")
            return try reply.json["content"]?.array?.first?["text"]
        }
        let plain = try await text("", #"[{"role":"user","content":"t22 t23"}]"#)
        let blocks = try await text(
            "", #"[{"role":"user","content":[{"type":"text","text":"t22 t23","cache_control":{"type":"ephemeral"}}]}]"#)
        #expect(plain != nil && blocks == plain)
        let system = try await text(#","system":"t30""#, GenerationSample.chat)
        #expect(system != nil)
        #expect(try await text(#","system":[{"type":"text","text":"t30"}]"#, GenerationSample.chat) == system)
    }

    @Test func aTextEndsAtAStop() async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(GenerationSample.chat)
        let stop = try #require(pieces.dropLast().last).filter { $0 != " " }
        let text = pieces.joined()
        let range = try #require(text.firstRange(of: stop))
        let reply = try await sample.server.post(Self.body(#","stop_sequences":["\#(stop)"]"#), to: "/v1/messages")
        #expect(try reply.json["content"]?.array?.first?["text"]?.string == String(text[..<range.lowerBound]))
        #expect(try reply.json["stop_reason"]?.string == "stop_sequence")
        #expect(try reply.json["stop_sequence"]?.string == stop)
        let stream = try await sample.server.post(
            Self.body(#","stream":true,"stop_sequences":["\#(stop)"]"#), to: "/v1/messages")
        #expect(stream.text.contains(#""delta":{"stop_reason":"stop_sequence","stop_sequence":"\#(stop)"}"#))
    }

    /// The same tokens as those of the prompt that `/apply-template` shows, also of a message that goes on.
    @Test(arguments: [
        GenerationSample.chat, #"[{"role":"user","content":"t22"},{"role":"assistant","content":"t30"}]"#,
    ])
    func tokensAreCounted(messages: String) async throws {
        let server = try GenerationSample().server
        let prompt = try await server.post(#"{"messages":\#(messages)}"#, to: "/apply-template").json
        let reply = try await server.post(
            #"{"model":"llama","messages":\#(messages)}"#, to: "/v1/messages/count_tokens")
        #expect(reply.text == #"{"input_tokens":\#(prompt["tokens"].written)}"#)
    }

    /// A form leaves the model only what has it, under the field's name of today and of before.
    @Test(arguments: [#""output_config":{"effort":"low","format":FORM}"#, #""output_format":FORM"#])
    func answersHaveTheirForm(field: String) async throws {
        let server = try GenerationWire.server(naming: [7: #"{"a": true}"#, 8: #"{"a": 1}"#])
        let form =
            #"{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"]}}"#
        let more = field.replacing("FORM", with: form)
        let reply = try await server.post(
            #"{"max_tokens":1,"temperature":0,"messages":\#(GenerationSample.chat),\#(more)}"#, to: "/v1/messages")
        #expect(try reply.json["content"]?.array?.first?["text"]?.string == #"{"a": true}"#, "\(reply.text)")
    }

    @Test(arguments: [
        (#"{"messages":[{"role":"user","content":"t5"}]}"#, "max_tokens"), (#"{"max_tokens":1}"#, "messages"),
        (#"{"max_tokens":1,"messages":[]}"#, "messages"),
        (#"{"max_tokens":0,"messages":[{"role":"user","content":"t5"}]}"#, "max_tokens"),
        (#"{"max_tokens":1,"messages":[{"role":"tool","content":"t5"}]}"#, "messages[0].role"),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":3}]}"#, "messages[0].content"),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}"#, "image"),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"thinking":{"type":"enabled"}}"#, "thinking"),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"temperature":2}"#, "temperature"),
        (#"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"tool_choice":{"type":"any"}}"#, "tool_choice"),
        (
            #"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"tools":[{"name":"f","input_schema":{}}]}"#,
            "tools"
        ),
        (
            #"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"output_config":{"format":{"type":"xml"}}}"#,
            "output_config.format.type"
        ),
        (
            #"{"max_tokens":1,"messages":[{"role":"user","content":"t5"}],"tools":[{"type":"bash_20250124","name":"b"}]}"#,
            "bash_20250124"
        ), ("{", "JSON"), ("", "empty"),
    ])
    func errorsHaveTheirEnvelope(body: String, part: String) async throws {
        let reply = try await GenerationSample().server.post(body, to: "/v1/messages")
        #expect(reply.status == 400)
        #expect(try reply.keys() == ["type", "error", "request_id"])
        #expect(try reply.json["request_id"]?.string == reply.headers[.requestID])
        #expect(try reply.keys(of: "error") == ["type", "message"])
        #expect(try reply.json["error"]?["type"]?.string == "invalid_request_error")
        #expect(try reply.json["error"]?["message"]?.string?.contains(part) == true, "\(reply.text)")
    }

    @Test func errorsOfTheServerHaveTypes() async throws {
        let loading = try await TestServer { _ in nil }.post(Self.body(), to: "/v1/messages")
        #expect(loading.status == 503)
        #expect(try loading.json["error"]?["type"]?.string == "api_error")
        let server = try TestServer(checkpoint: "bert-tiny", keys: KeyStore(["secret"]))
        let stranger = try await server.post(Self.body(), to: "/v1/messages")
        #expect(stranger.status == 401)
        #expect(try stranger.json["error"]?["type"]?.string == "authentication_error")
        let method = try await server.send(.get, "/v1/messages", [.authorization: "Bearer secret"])
        #expect(method.status == 405)
        #expect(try method.keys() == ["type", "error", "request_id"])
        let unknown = try await TestServer(serving: ["bert-tiny", "st-mean"]).post(Self.body(), to: "/v1/messages")
        #expect(unknown.status == 404)
        #expect(try unknown.json["error"]?["type"]?.string == "not_found_error")
    }
}
