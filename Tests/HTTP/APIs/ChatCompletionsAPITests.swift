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
