import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// Thoughts in answers of `POST /v1/chat/completions`.
@Suite struct ChatThinkingTests {
    private static let path = "/v1/chat/completions"
    private static let chat = #""max_tokens":6,"temperature":0,"messages":[{"role":"user","content":"t38"}]"#
    private static let template = """
        {% for m in messages %}{{ m.content }} {% if m.thinking %}{{ m.reasoning_content }} {% endif %}{% endfor %}\
        {% if enable_thinking is defined and not enable_thinking and not thinking %}t1 t2 {% endif %}\
        {% if enable_thinking and thinking %}t1 t2 t3 {% endif %}{% if false %}<think>"arguments"<tool_call>{% endif %}
        """
    private static let words = "<think>a t21 t16 t21"

    /// Behind `t38` greedy search finds the tokens 14, 51, 14, 21, 16 and 21.
    private static func server(_ names: [Int: String] = [14: "<think>a", 51: "b</think>"]) throws -> TestServer {
        try GenerationWire.server(naming: names, template: template)
    }

    private static func message(_ server: TestServer, _ more: String = "") async throws -> JSONValue? {
        let reply = try await server.post("{\(chat)\(more)}", to: path)
        try #require(reply.status == 200, "\(reply.text)")
        return try reply.json["choices"]?.array?.first?["message"]
    }

    @Test(arguments: ["", #","reasoning_format":"auto""#, #","reasoning_format":"deepseek","separate_reasoning":true"#])
    func answersAreTheseBytes(more: String) async throws {
        let reply = try await Self.server().post("{\(Self.chat)\(more)}", to: Self.path)
        #expect(
            reply.wire == #"{"id":"ID","object":"chat.completion","created":0,"model":"llama","choices":[{"index":0,"#
                + #""message":{"role":"assistant","content":"\#(Self.words)","reasoning_content":"a b","#
                + #""refusal":null},"logprobs":null,"finish_reason":"length"}],"#
                + #""usage":\#(GenerationWire.usage(1, 6, thoughts: 2)),"#
                + #""system_fingerprint":"penstock-\#(PenstockVersion.current)"}"#)
    }

    @Test func streamsAreTheseBytes() async throws {
        let more = #","stream":true,"stream_options":{"include_usage":true}"#
        let reply = try await Self.server().post("{\(Self.chat)\(more)}", to: Self.path)
        let head = #"data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"llama","choices":["#
        func event(_ delta: String, _ reason: String = "null") -> String {
            head + #"{"index":0,"delta":{\#(delta)},"logprobs":null,"finish_reason":\#(reason)}],"usage":null}"#
        }
        let deltas =
            [#""role":"assistant","content":"""#, #""reasoning_content":"a""#, #""reasoning_content":" b""#]
            + ["<think>a", " t21", " t16", " t21"].map { #""content":"\#($0)""# }
        let usage = head + #"],"usage":\#(GenerationWire.usage(1, 6, thoughts: 2))}"#
        let events = deltas.map { event($0) } + [event("", #""length""#), usage, "data: [DONE]"]
        #expect(reply.wire == events.map { $0 + "\n\n" }.joined())
    }

    @Test(arguments: [#","reasoning_format":"none""#, #","separate_reasoning":false"#])
    func answersCanBeToldAsTheyAre(more: String) async throws {
        let server = try Self.server()
        let whole = try await Self.message(server, more)
        let words = "<think>a b</think> " + Self.words
        #expect(whole.written == #"{"role":"assistant","content":"\#(words)","refusal":null}"#)
        let stream = try await server.post(#"{\#(Self.chat),"stream":true\#(more)}"#, to: Self.path).events()
        let deltas = stream.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }
        #expect(deltas.joined() == words)
    }

    @Test func thoughtsNeedNotBeTold() async throws {
        let server = try Self.server()
        let more = #","include_reasoning":false"#
        let whole = try await server.post("{\(Self.chat)\(more)}", to: Self.path)
        #expect(whole.text.contains(#""content":"\#(Self.words)","refusal":null"#), "\(whole.text)")
        #expect(whole.text.contains(#""reasoning_tokens":2"#))
        let stream = try await server.post(#"{\#(Self.chat),"stream":true\#(more)}"#, to: Self.path).text
        #expect(!stream.contains("reasoning_content"))
    }

    /// Each of several answers has its own, and all of them are counted.
    @Test func severalAnswersHaveThoughts() async throws {
        let server = try Self.server()
        let reply = try await server.post(#"{\#(Self.chat),"n":2}"#, to: Self.path)
        let choices = try #require(try reply.json["choices"]?.array)
        #expect(choices.map { $0["message"]?["reasoning_content"]?.string } == ["a b", "a b"])
        #expect(reply.text.contains(#""reasoning_tokens":4"#))
        let stream = try await server.post(#"{\#(Self.chat),"n":2,"stream":true}"#, to: Self.path).events()
        for index in 0..<2 {
            let choices = stream.compactMap { $0["choices"]?.array?.first }.filter { $0["index"]?.integer == index }
            #expect(choices.compactMap { $0["delta"]?["reasoning_content"]?.string }.joined() == "a b")
        }
    }

    @Test func callsOfToolsComeBehindThoughts() async throws {
        let call = #"<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>"#
        let server = try Self.server([14: "<think>a", 51: "b</think>", 16: call])
        let more =
            #","tools":[{"type":"function","function":{"name":"f"}}],"stop_token_ids":[16],"#
            + #""include_stop_str_in_output":true"#
        let message = try #require(try await Self.message(server, more))
        #expect(message["reasoning_content"]?.string == "a b" && message["content"]?.string == "<think>a t21")
        #expect(message["tool_calls"]?.array?.first?["function"]?["arguments"]?.string == #"{"a": 1}"#)
        let stream = try await server.post(#"{\#(Self.chat),"stream":true\#(more)}"#, to: Self.path).events()
        let choices = stream.compactMap { $0["choices"]?.array?.first }
        let names = choices.compactMap { $0["delta"]?.object?.entries.map(\.key) }
        #expect(names[1] == ["reasoning_content"] && names.contains(["tool_calls"]))
        #expect(choices.last?["finish_reason"]?.string == "tool_calls")
    }

    /// Templates know the wish by their variables, and thoughts of earlier answers by their names.
    @Test func templatesAreToldOfTheWish() async throws {
        let server = try Self.server()
        func tokens(_ fields: String, _ messages: String = #"{"role":"user","content":"t38"}"#) async throws -> Int? {
            let reply = try await server.post(
                #"{"messages":[\#(messages)],"max_tokens":1\#(fields)}"#, to: Self.path)
            return try reply.json["usage"]?["prompt_tokens"]?.integer
        }
        #expect(try await tokens("") == 1)
        #expect(try await tokens(#","reasoning_effort":"high""#) == 1)
        #expect(try await tokens(#","reasoning_effort":"none""#) == 3)
        #expect(try await tokens(#","enable_thinking":false"#) == 3)
        #expect(try await tokens(#","enable_thinking":true,"reasoning_effort":"none""#) == 4)
        let variables = #","chat_template_kwargs":{"enable_thinking":true,"thinking":true}"#
        #expect(try await tokens(#","reasoning_effort":"none""# + variables) == 4)
        for name in ["reasoning_content", "reasoning", "thinking"] {
            let history =
                #"{"role":"user","content":"t4"},{"role":"assistant","content":"t5","\#(name)":"t6 t7"},"#
                + #"{"role":"user","content":"t8"}"#
            #expect(try await tokens("", history) == 5, "\(name)")
        }
    }

    @Test(arguments: ["thinking_token_budget", "thinking_budget_tokens"])
    func thoughtsEndAtTheirBudget(field: String) async throws {
        let server = try Self.server([14: "<think>", 66: "</think>"])
        func thoughts(_ tokens: Int) async throws -> String? {
            try await Self.message(server, #","\#(field)":\#(tokens)"#)?["reasoning_content"]?.string
        }
        #expect(try await thoughts(-1) == "t51 <think> t21 t16 t21")
        #expect(try await thoughts(2) == "t51 <think>")
        #expect(try await thoughts(0) == nil)
    }

    /// Stop strings are of answers: within a thought, and in white space behind it, they end nothing.
    @Test(
        arguments: [
            ("t51", [:], "t16 </think>", "length"), ("t16", [:], "", "stop"), ("\\n", [16: "\n"], "</think>", "length"),
        ] as [(String, [Int: String], String, String)])
    func thoughtsDoNotStop(stop: String, names: [Int: String], content: String, reason: String) async throws {
        let server = try Self.server(names.merging([14: "<think>", 21: "</think>"]) { $1 })
        let body = #"\#(Self.chat),"stop":"\#(stop)""#
        let choice = try await server.post("{\(body)}", to: Self.path).json["choices"]?.array?.first
        #expect(choice?["message"]?["reasoning_content"]?.string == "t51 <think>")
        #expect(choice?["message"]?["content"]?.string == content)
        #expect(choice?["finish_reason"]?.string == reason)
        let stream = try await server.post(#"{\#(body),"stream":true}"#, to: Self.path).events()
        let deltas = stream.compactMap { $0["choices"]?.array?.first?["delta"] }
        #expect(deltas.compactMap { $0["content"]?.string }.joined() == content)
        // An answer without thoughts stops as ever.
        let plain = try await server.post(#"{\#(body),"logit_bias":{"14":-100,"51":100}}"#, to: Self.path).json
        let words = plain["choices"]?.array?.first?["message"]?["content"]?.string
        #expect(words?.hasPrefix("t51") == (stop != "t51"))
    }

    /// A message that is continued may have begun a thought.
    @Test func messagesMayBeginThoughts() async throws {
        let server = try GenerationWire.server(
            naming: [66: "<think>", 65: "</think>"],
            template: "{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}<think>{% endif %}")
        func thoughts(_ content: String) async throws -> Int {
            let reply = try await server.post(
                #"{"messages":[{"role":"user","content":"t38"},{"role":"assistant","content":"\#(content)"}],"#
                    + #""continue_final_message":true,"max_tokens":6,"temperature":0,"thinking_token_budget":2}"#,
                to: Self.path)
            let message = try reply.json["choices"]?.array?.first?["message"]
            return message?["reasoning_content"]?.string?.split(separator: " ").count ?? 0
        }
        #expect(try await thoughts("<think> t5") == 2)
        #expect(try await thoughts("<think> t5 </think> t6") == 0)
        #expect(try await thoughts("t5") == 0)
    }

    @Test(
        arguments: [
            (#""reasoning_format":"x""#, "reasoning_format"), (#""include_reasoning":1"#, "include_reasoning"),
            (#""thinking_token_budget":-2"#, "thinking_token_budget"),
            // The marks of this model are parts of other tokens.
            (#""thinking_budget_tokens":9"#, "thinking_budget_tokens"),
        ] as [(String, String)])
    func errorsNameTheField(wish: String, field: String) async throws {
        let error = try await Self.server().post("{\(Self.chat),\(wish)}", to: Self.path).openAIError()
        #expect(error.status == 400 && error.parameter == field)
    }
}
