import PenstockJSON
import PenstockTestSupport
import Testing

/// Thoughts in answers of `POST /v1/messages`.
@Suite struct MessageThinkingTests {
    private static let path = "/v1/messages"
    private static let chat = #""max_tokens":6,"temperature":0,"messages":[{"role":"user","content":"t38"}]"#
    private static let template = """
        {% for m in messages %}{{ m.content }} {% if m.thinking %}{{ m.reasoning_content }} {% endif %}{% endfor %}\
        {% if enable_thinking is defined and not enable_thinking and not thinking %}t1 t2 {% endif %}\
        {% if enable_thinking and thinking %}t1 t2 t3 {% endif %}{% if false %}<think>"arguments"<tool_call>{% endif %}
        """

    /// Behind `t38` greedy search finds the tokens 14, 51, 14, 21, 16 and 21. The wish changes no prompt.
    private static func server(_ names: [Int: String] = [14: "<think>a", 51: "b</think>"]) throws -> TestServer {
        let template = "{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}<think>{% endif %}"
        return try GenerationWire.server(naming: names, template: template)
    }

    private static func event(_ type: String, _ fields: String) -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\"\(fields)}"
    }

    private static let wishes = [
        "", #","thinking":null"#, #","thinking":{"type":"enabled"}"#, #","thinking":{"type":"adaptive"}"#,
        #","thinking":{"type":"disabled"}"#,
    ]

    @Test(arguments: wishes) func thoughtsAreBlocks(wish: String) async throws {
        let server = try Self.server()
        let whole = try await server.post("{\(Self.chat)\(wish)}", to: Self.path)
        let thought = #"{"type":"thinking","thinking":"a b","signature":"sig_1"}"#
        let text = #"{"type":"text","text":"<think>a t21 t16 t21"}"#
        let content = #""content":[\#(thought),\#(text)],"#
        #expect(try GenerationSample.settled(whole.text).contains(content), "\(whole.text)")
        let stream = try await server.post(#"{\#(Self.chat),"stream":true\#(wish)}"#, to: Self.path)
        let events = try GenerationSample.settled(stream.text).split(separator: "\n\n").map(String.init)
        try #require(events.count > 8, "\(stream.text)")
        let empty = #"{"type":"thinking","thinking":"","signature":""}"#
        #expect(events[1] == Self.event("content_block_start", #","index":0,"content_block":\#(empty)"#))
        for (index, delta) in [
            #"{"type":"thinking_delta","thinking":"a"}"#, #"{"type":"thinking_delta","thinking":" b"}"#,
            #"{"type":"signature_delta","signature":"sig_1"}"#,
        ].enumerated() {
            #expect(events[2 + index] == Self.event("content_block_delta", #","index":0,"delta":\#(delta)"#))
        }
        #expect(events[5] == Self.event("content_block_stop", #","index":0"#))
        #expect(
            events[6] == Self.event("content_block_start", #","index":1,"content_block":{"type":"text","text":""}"#))
        #expect(events[7].contains(#""index":1,"delta":{"type":"text_delta","text":"#))
    }

    @Test func wordsOfThoughtsCanBeOmitted() async throws {
        let server = try Self.server()
        let wish = #""thinking":{"type":"adaptive","display":"omitted"}"#
        let whole = try await server.post("{\(Self.chat),\(wish)}", to: Self.path).json["content"]?.array
        #expect(whole?.count == 2)
        #expect(whole?.first?["thinking"]?.string == "" && whole?.first?["signature"]?.string?.isEmpty == false)
        #expect(whole?.last?["text"]?.string == "<think>a t21 t16 t21")
        let stream = try await server.post(#"{\#(Self.chat),"stream":true,\#(wish)}"#, to: Self.path).text
        #expect(stream.contains("signature_delta") && !stream.contains("thinking_delta"))
    }

    /// Templates know the wish by their variables, and thoughts of earlier answers by their names.
    @Test func templatesAreToldOfTheWish() async throws {
        let server = try GenerationWire.server(naming: [20: "true"], template: Self.template)
        func tokens(_ fields: String, _ messages: String = #"{"role":"user","content":"t38"}"#) async throws -> Int? {
            let reply = try await server.post(
                #"{"messages":[\#(messages)]\#(fields)}"#, to: "/v1/messages/count_tokens")
            return try reply.json["input_tokens"]?.integer
        }
        #expect(try await tokens("") == 1)
        #expect(try await tokens(#","thinking":{"type":"enabled","display":"summarized"}"#) == 4)
        #expect(try await tokens(#","thinking":{"type":"adaptive"}"#) == 4)
        #expect(try await tokens(#","thinking":{"type":"disabled"}"#) == 3)
        // An answer of a form begins with it.
        let form = #","output_config":{"format":{"type":"json_schema","schema":{"const":true}}}"#
        #expect(try await tokens(#","thinking":{"type":"enabled"}"# + form) == 3)
        let blocks =
            #"{"type":"thinking","thinking":"t6 t7","signature":"s"},{"type":"redacted_thinking","data":"x"},"#
            + #"{"type":"text","text":"t5"}"#
        let history =
            #"{"role":"user","content":"t4"},{"role":"assistant","content":[\#(blocks)]},{"role":"user","content":"t8"}"#
        #expect(try await tokens("", history) == 5)
    }

    @Test func thoughtsEndAtTheirBudget() async throws {
        let server = try Self.server([14: "<think>", 66: "</think>"])
        func content(_ wish: String) async throws -> [JSONValue] {
            let reply = try await server.post("{\(Self.chat)\(wish)}", to: Self.path)
            return try reply.json["content"]?.array ?? []
        }
        let free = try await content(#","thinking":{"type":"enabled"}"#)
        #expect(free.map { $0["type"]?.string } == ["thinking"])
        #expect(free.first?["thinking"]?.string == "t51 <think> t21 t16 t21")
        let wide = try await content(#","thinking":{"type":"enabled","budget_tokens":1024}"#)
        #expect(wide.first?["thinking"]?.string == "t51 <think> t21 t16 t21")
        let bound = try await content(#","thinking":{"type":"enabled","budget_tokens":2}"#)
        #expect(bound.map { $0["type"]?.string } == ["thinking", "text"])
        #expect(bound.first?["thinking"]?.string == "t51 <think>")
    }

    /// Where the prompt begins the thought, it has all of the first tokens.
    @Test func thoughtsOfPromptsEndAtTheirBudget() async throws {
        let server = try GenerationWire.server(
            naming: [66: "<think>", 65: "</think>"],
            template: "{% for m in messages %}{{ m.content }} {% endfor %}<think>\n")
        func thoughts(_ budget: Int) async throws -> [Substring]? {
            let wish = #""thinking":{"type":"enabled","budget_tokens":\#(budget)}"#
            let content = try await server.post("{\(Self.chat),\(wish)}", to: Self.path).json["content"]?.array
            return content?.first?["thinking"]?.string?.split(separator: " ")
        }
        let unbound = try await thoughts(100)
        let free = try #require(unbound)
        #expect(free.count == 6)
        #expect(try await thoughts(3) == Array(free.prefix(3)))
    }

    @Test(
        arguments: [
            (#""thinking":7"#, "thinking"), (#""thinking":{"type":"often"}"#, "thinking.type"),
            (#""thinking":{"type":"enabled","budget_tokens":0}"#, "thinking.budget_tokens"),
            (#""thinking":{"type":"enabled","display":"all"}"#, "thinking.display"),
            // The marks of this model are parts of other tokens.
            (#""thinking":{"type":"enabled","budget_tokens":1024}"#, "thinking.budget_tokens:"),
            (
                #""thinking":{"type":"enabled"},"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"}"#,
                "thinking: a tool choice"
            ),
        ] as [(String, String)])
    func errorsNameTheField(wish: String, part: String) async throws {
        let server = try GenerationWire.server(naming: [14: "<think>a"], template: Self.template)
        let reply = try await server.post("{\(Self.chat),\(wish)}", to: Self.path)
        #expect(reply.status == 400)
        #expect(try reply.json["error"]?["message"]?.string?.contains(part) == true, "\(reply.text)")
    }
}
