import PenstockJSON
import PenstockTestSupport
import Testing

/// Tools of `POST /v1/chat/completions`.
@Suite struct ChatCompletionToolTests {
    private static let path = "/v1/chat/completions"
    private static let messages = #"[{"role": "user", "content": "t22 t23"}]"#

    /// A template of a known family, and a token that is a whole call.
    private static func toolServer() throws -> TestServer {
        try GenerationWire.server(
            naming: [7: #"<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>"#],
            template: """
                {% if tools %}t8 {% endif %}{% for m in messages %}t11 {{ m.content }} \
                {% for c in m.tool_calls or [] %}{{ c.function.arguments.b }} {% endfor %}{% endfor %}\
                {% if false %}<tool_call>"arguments"</tool_call>{% endif %}
                """)
    }

    private static let tools =
        #""tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]"#
    /// Has the model write the call and nothing else.
    private static let calling =
        #""logit_bias": {"7": 100}, "max_tokens": 1, "temperature": 0, "stop_token_ids": [7], "#
        + #""include_stop_str_in_output": true"#

    @Test func callsOfToolsAreTheseBytes() async throws {
        let server = try Self.toolServer()
        let body = #""messages": \#(Self.messages), \#(Self.tools), \#(Self.calling)"#
        let reply = try await server.post("{\(body)}", to: Self.path)
        #expect(
            reply.wire.contains(
                #""message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"ID","#
                    + #""type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},"logprobs":null,"#
                    + #""finish_reason":"tool_calls"}]"#), "\(reply.text)")
        let stream = try await server.post("{\(body), \"stream\": true}", to: Self.path)
        func event(_ delta: String, _ reason: String = "null") -> String {
            #"data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"llama","choices":"#
                + #"[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(reason)}]}"# + "\n\n"
        }
        #expect(
            stream.wire == event(#"{"role":"assistant","content":""}"#)
                + event(
                    #"{"tool_calls":[{"index":0,"id":"ID","type":"function","#
                        + #""function":{"name":"f","arguments":""}}]}"#)
                + event(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\": 1}"}}]}"#)
                + event("{}", #""tool_calls""#) + "data: [DONE]\n\n")
    }

    @Test func withoutToolsACallIsText() async throws {
        let server = try Self.toolServer()
        for tools in [#""tools": []"#, #""tool_choice": "none", \#(Self.tools)"#] {
            let reply = try await server.post(
                #"{"messages": \#(Self.messages), \#(tools), \#(Self.calling)}"#, to: Self.path)
            let choice = try reply.json["choices"]?.array?.first
            #expect(choice?["message"]?["content"]?.string?.hasPrefix("<tool_call>") == true, "\(reply.text)")
            #expect(choice?["message"]?["tool_calls"] == nil)
            #expect(choice?["finish_reason"]?.string == "stop")
        }
    }

    /// The template sees the tools, and arguments as the object that their text is.
    @Test func historiesOfToolsArePrompts() async throws {
        let server = try Self.toolServer()
        let messages =
            #"[{"role": "user", "content": "t22"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "#
            + #""type": "function", "function": {"name": "f", "arguments": "{\"b\": \"t40 t41 t42\"}"}}]}, "#
            + #"{"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "t23"}]}]"#
        let reply = try await server.post(
            #"{"messages": \#(messages), \#(Self.tools), "max_tokens": 1}"#, to: Self.path)
        #expect(reply.status == 200, "\(reply.text)")
        // t8, t11 t22, t11 and the three of the arguments, t11 t23
        #expect(try reply.json["usage"]?["prompt_tokens"]?.integer == 9)
    }

    @Test func modelsWhoseCallsAreNotKnownRefuseTools() async throws {
        let server = try GenerationWire.server()
        let body = #"{"messages": \#(Self.messages), \#(Self.tools), "max_tokens": 1"#
        for more in ["", #", "tool_choice": "auto""#, #", "tool_choice": "required", "stream": true"#] {
            let error = try await server.post(body + more + "}", to: Self.path).openAIError()
            #expect(error.status == 400 && error.parameter == "tools")
        }
        #expect(try await server.post(body + #", "tool_choice": "none"}"#, to: Self.path).status == 200)
    }

    /// References of a tool's parameters count from their root, also where they are a part of the schema of a call.
    @Test(arguments: [
        #""required""#, #"{"type": "function", "function": {"name": "f"}}"#, #"{"function": {"name": "f"}}"#,
    ])
    func requiredCallsKeepToParametersWithReferences(choice: String) async throws {
        let server = try GenerationWire.server(
            naming: [
                7: #"{"name": "f", "arguments": {"a": true}}"#, 8: #"{"name": "f", "arguments": {"a": 1}}"#,
                9: #"{"name": "g", "arguments": {"a": 1}}"#,
            ],
            template: "{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}[TOOL_CALLS]{% endif %}")
        let parameters = ##"""
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/B"}}, "required": ["a"],
             "$defs": {"A": {"type": "string"}, "B": {"type": "boolean"}}}
            """##
        let tools = ["f", "g"].map { name in
            #"{"type": "function", "function": {"name": "\#(name)", "parameters": \#(parameters)}}"#
        }
        let reply = try await server.post(
            #"""
            {"messages": \#(Self.messages), "tools": [\#(tools.joined(separator: ", "))], "tool_choice": \#(choice),
             "max_tokens": 1, "temperature": 0}
            """#, to: Self.path)
        let message = try reply.json["choices"]?.array?.first?["message"]
        let call = message?["tool_calls"]?.array?.first?["function"]
        #expect(call?["arguments"]?.string == #"{"a": true}"#, "\(reply.text)")
    }
}
