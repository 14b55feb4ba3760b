import PenstockJSON
import PenstockTestSupport
import Testing

/// Calls of tools as Ollama and Anthropic have them, by a model that answers `t38` with a call.
@Suite struct DialectToolTests {
    private static let words = #"<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>"#
    private static let chat = #"[{"role":"user","content":"t38"}]"#

    /// Behind `t38` greedy search finds the tokens 14 and 51: a call, and the end.
    private static func server() throws -> TestServer {
        try GenerationWire.server(
            naming: [14: words],
            template: """
                {% for m in messages %}{{ m.content }} {% for c in m.tool_calls or [] %}{{ c.function.arguments.b }} \
                {% endfor %}{% endfor %}{% if false %}<tool_call>"arguments"</tool_call>{% endif %}
                """, generation: #"{"eos_token_id": 51}"#)
    }

    @Test func argumentsOfOllamaAreAnObject() async throws {
        let body =
            #""messages":\#(Self.chat),"options":{"temperature":0},"tools":[{"type":"function","function":{"name":"f"}}]"#
        let message =
            #"{"model":"llama","created_at":"T","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","#
            + #""function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":"#
        let whole = try await Self.server().post(#"{\#(body),"stream":false}"#, to: "/api/chat")
        #expect(
            try GenerationSample.settled(whole.text).hasPrefix(message + #"true,"done_reason":"stop","#),
            "\(whole.text)")
        let stream = try await Self.server().post("{\(body)}", to: "/api/chat")
        let lines = try GenerationSample.settled(stream.text).split(separator: "\n").map(String.init)
        #expect(lines.first == message + "false}")
        let last = try JSONValue(parsing: #require(lines.last).utf8)
        #expect(lines.count == 2 && last["done"]?.bool == true && last["done_reason"]?.string == "stop")
        // Without tools it is a text.
        let text = try await Self.server().post(
            #"{"messages":\#(Self.chat),"options":{"temperature":0},"stream":false}"#, to: "/api/chat")
        #expect(try text.json["message"]?["content"]?.string == Self.words)
    }

    @Test(arguments: [#"{"type":"auto"}"#, #"{"type":"auto","disable_parallel_tool_use":true}"#, "null"])
    func callsOfAnthropicAreBlocks(choice: String) async throws {
        let body =
            #""max_tokens":9,"temperature":0,"messages":\#(Self.chat),"tool_choice":\#(choice),"#
            + #""tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]"#
        let whole = try await Self.server().post("{\(body)}", to: "/v1/messages")
        let content = #""content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}],"#
        #expect(
            try GenerationSample.settled(whole.text).contains(
                content + #""stop_reason":"tool_use","stop_sequence":null"#),
            "\(whole.text)")
        let stream = try await Self.server().post(#"{\#(body),"stream":true}"#, to: "/v1/messages")
        let events = try GenerationSample.settled(stream.text).split(separator: "\n\n").map(String.init)
        func event(_ type: String, _ fields: String) -> String {
            "event: \(type)\ndata: {\"type\":\"\(type)\"\(fields)}"
        }
        try #require(events.count == 6, "\(stream.text)")
        let block = #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#
        #expect(events[1] == event("content_block_start", #","index":0,"content_block":\#(block)"#))
        let delta = #"{"type":"input_json_delta","partial_json":"{\"a\": 1}"}"#
        #expect(events[2] == event("content_block_delta", #","index":0,"delta":\#(delta)"#))
        #expect(events[3] == event("content_block_stop", #","index":0"#))
        #expect(events[4].contains(#""delta":{"stop_reason":"tool_use","stop_sequence":null}"#))
    }

    /// Arguments reach the template as objects, and results as messages in front of the text beside them.
    @Test func historiesOfToolsArePrompts() async throws {
        let server = try Self.server()
        let use = #"{"type":"tool_use","id":"c","name":"f","input":{"b":"t40 t41 t42"}}"#
        let result = #"{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"t23"}]}"#
        let messages =
            #"[{"role":"user","content":"t22"},{"role":"assistant","content":[{"type":"thinking","thinking":"t1 t1"},\#(use)]},"#
            + #"{"role":"user","content":[\#(result),{"type":"text","text":"t24"}]}]"#
        let count = try await server.post(#"{"messages":\#(messages)}"#, to: "/v1/messages/count_tokens")
        #expect(count.text == #"{"input_tokens":6}"#)
        let history =
            #"[{"role":"user","content":"t22"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","#
            + #""arguments":{"b":"t40 t41 t42"}}}]},{"role":"tool","tool_name":"f","content":"t23"},"#
            + #"{"role":"user","content":"t24"}]"#
        let reply = try await server.post(
            #"{"messages":\#(history),"stream":false,"options":{"num_predict":1}}"#, to: "/api/chat")
        #expect(try reply.json["prompt_eval_count"]?.integer == 6)
    }
}
