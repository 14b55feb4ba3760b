import HTTPTypes
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// `POST /v1/chat/completions` as OpenAI's and vLLM's clients know it.
@Suite struct ChatCompletionsAPITests {
    private static let path = "/v1/chat/completions"
    private static let messages = #"[{"role": "user", "content": "t22 t23"}]"#

    /// The texts of the tokens with which the pipeline's own route answers a chat, by greedy search.
    private static func words(_ server: TestServer, _ messages: String = messages, count: Int = 4) async throws
        -> [String]
    {
        let reply = try await server.post(
            """
            {"inputs": \(messages), "max_new_tokens": \(count), "do_sample": false, "details": true,
             "return_full_text": false, "continue_final_message": false}
            """, to: "/")
        let tokens = try #require(try reply.json.array?.first?["details"]?["tokens"]?.array)
        return tokens.compactMap { $0["text"]?.string }
    }

    @Test func answersAreTheseBytes() async throws {
        let server = try GenerationWire.server()
        let words = try await Self.words(server).joined()
        let expected =
            #"{"id":"ID","object":"chat.completion","created":0,"model":"llama","choices":[{"index":0,"message":"#
            + #"{"role":"assistant","content":"\#(words)","refusal":null},"logprobs":null,"finish_reason":"length"}],"#
            + #""usage":\#(GenerationWire.usage(6, 4)),"system_fingerprint":"penstock-\#(PenstockVersion.current)"}"#
        for (messages, path) in [
            (Self.messages, Self.path), (Self.messages, "/models/llama/v1/chat/completions"),
            (#"[{"role": "user", "content": [{"type": "text", "text": "t22 t23"}]}]"#, Self.path),
            (
                #"[{"role": "user", "content": [{"type": "text", "text": "t22"}, {"type": "text", "text": "t23"}]}]"#,
                Self.path
            ),
        ] {
            let reply = try await server.post(
                #"{"model": "gpt-4", "messages": \#(messages), "max_completion_tokens": 4, "temperature": 0, "x": 1}"#,
                to: path)
            #expect(reply.status == 200)
            #expect(reply.wire == expected, "\(messages)")
        }
    }

    @Test func streamsAreTheseBytes() async throws {
        let server = try GenerationWire.server()
        let words = try await Self.words(server).filter { !$0.isEmpty }
        let body = #""messages": \#(Self.messages), "max_tokens": 4, "temperature": 0, "stream": true"#
        for (usage, told, last) in [
            ("", "", ""),
            (
                #", "stream_options": {"include_usage": true}"#, #","usage":null"#,
                #"data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"llama","choices":[],"usage":"#
                    + GenerationWire.usage(6, 4) + "}\n\n"
            ),
        ] {
            func event(_ delta: String, _ reason: String = "null") -> String {
                #"data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"llama","choices":"#
                    + #"[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(reason)}]\#(told)}"# + "\n\n"
            }
            let reply = try await server.post("{\(body)\(usage)}", to: Self.path)
            #expect(reply.status == 200 && reply.headers[.contentType] == "text/event-stream")
            #expect(
                reply.wire == event(#"{"role":"assistant","content":""}"#)
                    + words.map { event(#"{"content":"\#($0)"}"#) }.joined() + event("{}", #""length""#) + last
                    + "data: [DONE]\n\n")
        }
    }

    @Test func severalAnswersHaveTheirPlaces() async throws {
        let server = try GenerationWire.server()
        let words = try await Self.words(server).joined()
        let body = #""messages": \#(Self.messages), "max_tokens": 4, "temperature": 0, "n": 2"#
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let choices = try #require(whole["choices"]?.array)
        #expect(choices.map { $0["index"]?.integer } == [0, 1])
        #expect(choices.map { $0["message"]?["content"]?.string } == [words, words])
        #expect(whole["usage"]?["prompt_tokens"]?.integer == 6 && whole["usage"]?["completion_tokens"]?.integer == 8)
        var (texts, roles) = (["", ""], [0, 0])
        for event in try await server.post("{\(body), \"stream\": true}", to: Self.path).events() {
            let choice = try #require(event["choices"]?.array?.first)
            let index = try #require(choice["index"]?.integer)
            texts[index] += choice["delta"]?["content"]?.string ?? ""
            if choice["delta"]?["role"] != nil { roles[index] += 1 }
        }
        #expect(texts == [words, words] && roles == [1, 1])
    }

    @Test func developersAreTheSystemAndTheLeastLengthCounts() async throws {
        let server = try GenerationWire.server()
        let user = #"{"role": "user", "content": "t22"}"#
        func answer(_ messages: String, _ lengths: String) async throws -> JSONValue {
            try await server.post(#"{"messages": [\#(messages)], "temperature": 0, \#(lengths)}"#, to: Self.path).json
        }
        let system = try await answer(#"{"role": "system", "content": "t20"}, \#(user)"#, #""max_tokens": 3"#)
        let developer = try await answer(
            #"{"role": "developer", "content": "t20"}, \#(user)"#, #""max_tokens": 5, "max_completion_tokens": 3"#)
        #expect(system["choices"] == developer["choices"] && system["usage"] == developer["usage"])
        #expect(system["usage"]?["completion_tokens"]?.integer == 3)
        // Without a length it goes on until the model can take no more.
        let open = try await answer(user, #""seed": 1"#)
        #expect(open["usage"]?["completion_tokens"]?.integer ?? 0 > 256)
        #expect(open["choices"]?.array?.first?["finish_reason"]?.string == "length")
    }

    /// The answer is a message of its own, or goes on with the assistant's on request.
    @Test func theLastMessageMayBeTheAssistants() async throws {
        let server = try GenerationWire.server()
        let messages = #"[{"role": "user", "content": "t22"}, {"role": "assistant", "content": "t30"}]"#
        func tokens(_ more: String) async throws -> Int? {
            try await server.post(#"{"messages": \#(messages), "max_tokens": 1\#(more)}"#, to: Self.path)
                .json["usage"]?["prompt_tokens"]?.integer
        }
        #expect(try await tokens("") == 8)
        #expect(try await tokens(#", "continue_final_message": true, "add_generation_prompt": false"#) == 6)
        #expect(try await tokens(#", "chat_template_kwargs": {"extra": "t46"}"#) == 10)
    }

    @Test func probabilitiesAreToldOfEachToken() async throws {
        let server = try GenerationWire.server()
        let body =
            #""messages": \#(Self.messages), "max_tokens": 3, "temperature": 0, "logprobs": true, "top_logprobs": 2"#
        let choice = try await server.post("{\(body)}", to: Self.path).json["choices"]?.array?.first
        let logprobs = try #require(choice?["logprobs"])
        #expect(logprobs.object?.entries.map(\.key) == ["content", "refusal"])
        let tokens = try #require(logprobs["content"]?.array)
        #expect(tokens.count == 3)
        for token in tokens {
            #expect(token.object?.entries.map(\.key) == ["token", "logprob", "bytes", "top_logprobs"])
            #expect(token["bytes"]?.array?.compactMap(\.integer) == token["token"]?.string?.utf8.map { Int($0) })
            #expect(token["top_logprobs"]?.array?.count == 2)
            #expect(token["top_logprobs"]?.array?.first?["token"] == token["token"])
        }
        let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
        let parts = events.flatMap { $0["choices"]?.array?.first?["logprobs"]?["content"]?.array ?? [] }
        #expect(parts == tokens)
    }

    // MARK: Tools

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

    @Test(
        arguments: [
            (#"{}"#, "messages"), (#"{"messages": []}"#, "messages"), (#"{"messages": "t5"}"#, "messages"),
            (#"{"messages": [7]}"#, "messages[0]"), (#"{"messages": [{"content": "t5"}]}"#, "messages[0].role"),
            (#"{"messages": [{"role": "user"}]}"#, "messages[0].content"),
            (#"{"messages": [{"role": "user", "content": 7}]}"#, "messages[0].content"),
            (
                #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}"#,
                "messages[0].content"
            ),
            (
                #"{"messages": [{"role": "user", "content": [{"type": "text"}]}]}"#,
                "messages[0].content[0].text"
            ),
            (
                #"{"messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]}"#,
                "messages[0].tool_calls[0].function"
            ),
            (#"{"messages": M, "max_completion_tokens": 0}"#, "max_completion_tokens"),
            (#"{"messages": M, "max_tokens": true}"#, "max_tokens"), (#"{"messages": M, "logprobs": 2}"#, "logprobs"),
            (#"{"messages": M, "logprobs": true, "top_logprobs": 21}"#, "top_logprobs"),
            (#"{"messages": M, "top_logprobs": 2}"#, "top_logprobs"),
            (#"{"messages": M, "tools": {}}"#, "tools"),
            (#"{"messages": M, "tools": [{"type": "x"}]}"#, "tools[0].type"),
            (#"{"messages": M, "tools": [{"type": "function"}]}"#, "tools[0].function.name"),
            (#"{"messages": M, "tool_choice": "required"}"#, "tool_choice"),
            (#"{"messages": M, "tool_choice": "sometimes"}"#, "tool_choice"),
            (#"{"messages": M, "tool_choice": {"type": "function", "function": {"name": "g"}}}"#, "tool_choice"),
            (#"{"messages": M, "functions": []}"#, "functions"), (#"{"messages": M, "audio": {}}"#, "audio"),
            (#"{"messages": M, "modalities": ["text", "audio"]}"#, "modalities"),
            (#"{"messages": M, "chat_template": "x"}"#, "chat_template"),
            (#"{"messages": M, "chat_template_kwargs": {"messages": []}}"#, "chat_template_kwargs"),
            (#"{"messages": M, "add_generation_prompt": false}"#, "add_generation_prompt"),
            (#"{"messages": M, "response_format": "json"}"#, "response_format"),
            (
                #"{"messages": M, "response_format": {"type": "json_schema", "json_schema": {"schema": 7}}}"#,
                "response_format.json_schema.schema"
            ),
            (#"{"messages": M, "structured_outputs": {"choice": []}}"#, "structured_outputs"),
        ] as [(String, String)])
    func errorsNameTheField(body: String, field: String) async throws {
        let reply = try await GenerationWire.server().post(
            body.replacing("M,", with: Self.messages + ","), to: Self.path)
        let error = try reply.openAIError()
        #expect(error.status == 400)
        #expect(error.parameter == field, "\(reply.text)")
    }

    @Test func modelsWithoutATemplateSaySo() async throws {
        let reply = try await TestServer(decoder: "llama").post(#"{"messages": \#(Self.messages)}"#, to: Self.path)
        #expect(try reply.openAIError().status == 400)
        #expect(reply.text.contains("no chat template"))
    }
}
