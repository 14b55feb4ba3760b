import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// `POST /v1/responses` as OpenAI's clients know it.
@Suite struct ResponsesAPITests {
    private static let path = "/v1/responses"

    private static func text(_ response: JSONValue?) -> String? {
        response?["output"]?.array?.first?["content"]?.array?.first?["text"]?.string
    }

    @Test func answersAreTheseBytes() async throws {
        let server = try GenerationWire.server()
        let chat = try await server.post(
            #"{"messages": [{"role": "user", "content": "t22 t23"}], "max_tokens": 4, "temperature": 0}"#,
            to: "/v1/chat/completions")
        let words = try #require(
            try chat.json["choices"]?.array?.first?["message"]?["content"]?.string)
        for input in [
            #""t22 t23""#, #"[{"role": "user", "content": "t22 t23"}]"#,
            #"[{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "t22 t23"}]}]"#,
        ] {
            let reply = try await server.post(
                #"{"model": "m", "input": \#(input), "max_output_tokens": 4, "temperature": 0, "store": true}"#,
                to: Self.path)
            #expect(reply.status == 200)
            #expect(
                reply.wire == #"{"id":"ID","object":"response","created_at":0,"status":"incomplete","error":null,"#
                    + #""incomplete_details":{"reason":"max_output_tokens"},"model":"llama","output":[{"#
                    + #""type":"message","id":"ID","status":"incomplete","role":"assistant","content":["#
                    + #"{"type":"output_text","text":"\#(words)","annotations":[]}]}],"instructions":null,"#
                    + #""max_output_tokens":4,"metadata":{},"parallel_tool_calls":true,"temperature":0,"#
                    + #""text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"#
                    + #""top_p":null,"truncation":"disabled","usage":{"input_tokens":6,"input_tokens_details":{"#
                    + #""cached_tokens":0},"output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"#
                    + #""total_tokens":10}}"#)
        }
    }

    @Test func eventsComeInTheirOrder() async throws {
        let server = try GenerationWire.server()
        let body = #""input": "t22 t23", "max_output_tokens": 4, "temperature": 0"#
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let reply = try await server.post("{\(body), \"stream\": true}", to: Self.path)
        #expect(reply.headers[.contentType] == "text/event-stream")
        let events = try reply.text.split(separator: "\n\n").map { event in
            let lines = event.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let json = try JSONValue(parsing: lines[1].dropFirst("data: ".count).utf8)
            #expect(json["type"]?.string == String(lines[0].dropFirst("event: ".count)))
            return json
        }
        #expect(events.map { $0["sequence_number"]?.integer } == Array(0..<events.count))
        let types = events.compactMap { $0["type"]?.string?.dropFirst("response.".count) }
        let deltas = events.compactMap { $0["delta"]?.string }
        #expect(!deltas.isEmpty)
        #expect(
            types == ["created", "in_progress", "output_item.added", "content_part.added"]
                + Array(repeating: "output_text.delta", count: deltas.count) + [
                    "output_text.done", "content_part.done", "output_item.done", "incomplete",
                ])
        #expect(deltas.joined() == Self.text(whole))
        let last = try #require(events.last?["response"])
        #expect(Self.text(last) == Self.text(whole))
        #expect(last["usage"] == whole["usage"])
        #expect(events.first?["response"]?["status"]?.string == "in_progress")
        #expect(events.first?["response"]?["id"] == last["id"])
    }

    @Test func instructionsAreTheSystems() async throws {
        let server = try GenerationWire.server()
        let reply = try await server.post(
            #"{"input": "t22", "instructions": "t20", "max_output_tokens": 1}"#, to: Self.path)
        #expect(try reply.json["usage"]?["input_tokens"]?.integer == 8)
        #expect(try reply.json["instructions"]?.string == "t20")
    }

    /// With `truncation`, the oldest messages go, and leave room for the answer.
    @Test func inputsThatAreTooLongCanBeShortened() async throws {
        let server = try GenerationWire.server()
        let long = DecoderCheckpoint.text(repeatElement(5, count: 700))
        func message(_ role: String, _ text: String) -> String { #"{"role": "\#(role)", "content": "\#(text)"}"# }
        func reply(_ items: [String], _ more: String) async throws -> TestServer.Reply {
            let input = "[\(items.joined(separator: ","))]"
            return try await server.post(
                #"{"input": \#(input), "instructions": "t20", "max_output_tokens": 4\#(more)}"#, to: Self.path)
        }
        let (auto, last) = (#", "truncation": "auto""#, message("user", long))
        let whole = [message("user", long), message("assistant", "t30"), last]
        let refused = try await reply(whole, #", "truncation": "disabled""#)
        #expect(refused.status == 400 && refused.text.contains("tokens"))
        let alone = try await reply([last], "").json
        #expect(alone["truncation"]?.string == "disabled")
        for stream in ["", #", "stream": true"#] {
            let shortened = try await reply(whole, auto + stream)
            #expect(shortened.status == 200, "\(shortened.text)")
            #expect(shortened.text.contains(#""truncation":"auto""#))
            let tokens = #""input_tokens":\#(alone["usage"]?["input_tokens"].written ?? ""),"#
            #expect(shortened.text.contains(tokens), "\(shortened.text)")
        }
        // What fits is whole, and what never fits is an error.
        let fitting = try await reply([last], auto).json["usage"]
        for count in ["input_tokens", "output_tokens", "total_tokens"] {
            #expect(fitting?[count]?.integer != nil && fitting?[count] == alone["usage"]?[count], "\(count)")
        }
        let longer = message("user", DecoderCheckpoint.text(repeatElement(5, count: 1300)))
        #expect(try await reply([message("user", "t5"), longer], auto).status == 400)
    }

    /// They also make way to the memory that there is for keys and values, here of 768 tokens.
    @Test func inputsThatAreTooLongForTheMemoryCanBeShortened() async throws {
        let checkpoint = try DecoderCheckpoint(
            "llama", generation: #"{"eos_token_id": null}"#, files: [DecoderCheckpoint.chatSettings()])
        var configuration = ServingConfiguration.patient()
        configuration.keyValueBytes = 1 << 18
        let server = try TestServer { server in
            [
                try ModelSource(name: "llama", directory: checkpoint.path, serving: configuration)
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
        let text = DecoderCheckpoint.text(repeatElement(5, count: 500))
        let message = #"{"role": "user", "content": "\#(text)"}"#
        func reply(_ input: String, _ more: String) async throws -> TestServer.Reply {
            try await server.post(#"{"input": \#(input), "max_output_tokens": 4\#(more)}"#, to: Self.path)
        }
        #expect(try await reply("[\(message), \(message)]", "").status == 400)
        let shortened = try await reply("[\(message), \(message)]", #", "truncation": "auto""#)
        let alone = try await reply("[\(message)]", "").json["usage"]
        #expect(alone != nil)
        #expect(try shortened.json["usage"]?["input_tokens"] == alone?["input_tokens"], "\(shortened.text)")
    }

    @Test func callsOfToolsAreItems() async throws {
        let server = try GenerationWire.server(
            naming: [7: #"<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>"#],
            template:
                #"{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}<tool_call>"arguments"{% endif %}"#)
        let body =
            #""input": [{"role": "user", "content": "t22"}, {"type": "function_call", "call_id": "c", "name": "f", "#
            + #""arguments": "{}"}, {"type": "function_call_output", "call_id": "c", "output": "t23"}], "#
            + #""tools": [{"type": "function", "name": "f"}], "logit_bias": {"7": 100}, "max_output_tokens": 1, "#
            + #""stop_token_ids": [7], "include_stop_str_in_output": true, "temperature": 0"#
        let item = try await server.post("{\(body)}", to: Self.path).json["output"]?.array
        #expect(item?.count == 1)
        #expect(item?.first?["type"]?.string == "function_call" && item?.first?["status"]?.string == "completed")
        #expect(item?.first?["arguments"]?.string == #"{"a": 1}"#)
        let stream = try await server.post("{\(body), \"stream\": true}", to: Self.path).text
        let names = stream.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map {
            String($0.dropFirst("event: response.".count))
        }
        #expect(
            names == [
                "created", "in_progress", "output_item.added", "function_call_arguments.delta",
                "function_call_arguments.done", "output_item.done", "completed",
            ])
    }

    @Test(
        arguments: [
            (#"{}"#, "input"), (#"{"input": 7}"#, "input"), (#"{"input": []}"#, "input"),
            (#"{"input": [{"role": "user"}]}"#, "input[0].content"),
            (#"{"input": [{"type": "item_reference", "id": "x"}]}"#, "input[0].type"),
            (#"{"input": "t5", "previous_response_id": "resp_1"}"#, "previous_response_id"),
            (#"{"input": "t5", "background": true}"#, "background"),
            (#"{"input": "t5", "max_output_tokens": 0}"#, "max_output_tokens"),
            (#"{"input": "t5", "tools": [{"type": "web_search"}], "tool_choice": "required"}"#, "tool_choice"),
            (
                #"{"input": "t5", "tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}"#,
                "tool_choice.type"
            ),
            (
                #"{"input": "t5", "tools": [{"type": "function", "name": "f"}], "tool_choice": {"type": "mcp"}}"#,
                "tool_choice.type"
            ), (#"{"input": "t5", "tools": [{"type": "custom"}]}"#, "tools[0].name"),
            (#"{"input": "t5", "tools": [{"type": "namespace"}]}"#, "tools[0].name"),
            (
                #"{"input": "t5", "tools": [{"type": "custom", "name": "f", "format": {"type": "grammar"}}]}"#,
                "tools[0].format.syntax"
            ),
            (
                #"{"input": "t5", "tools": [{"type": "function", "name": "a__b"}, "#
                    + #"{"type": "namespace", "name": "a", "tools": [{"type": "function", "name": "b"}]}]}"#,
                "tools[1].tools[0].name"
            ), (#"{"input": [{"type": "custom_tool_call", "name": "f"}]}"#, "input[0].input"),
            (#"{"input": "t5", "text": {"format": {"type": "x"}}}"#, "text.format.type"),
            (#"{"input": "t5", "truncation": "middle"}"#, "truncation"),
        ] as [(String, String)])
    func errorsNameTheField(body: String, field: String) async throws {
        let reply = try await GenerationWire.server().post(body, to: Self.path)
        let error = try reply.openAIError()
        #expect(error.status == 400)
        #expect(error.parameter == field, "\(reply.text)")
    }
}
