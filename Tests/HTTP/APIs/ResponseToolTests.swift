import PenstockJSON
import PenstockTestSupport
import Testing

/// Tools of `POST /v1/responses` that are no functions, as agents such as Codex send them.
@Suite struct ResponseToolTests {
    private static let path = "/v1/responses"

    /// A model that is shown the names of tools, and calls of earlier answers, a word each.
    ///
    /// - Parameter call: what it writes as the token 7
    private static func server(writing call: String = "t7") throws -> TestServer {
        try GenerationWire.server(
            naming: [7: call],
            template: """
                {% for t in tools or [] %}{{ t.function.name }} {% endfor %}\
                {% for m in messages %}{{ m.content or '' }} {% for c in m.tool_calls or [] %}\
                {% if c.function.name == 'a__b' %}t1 t2 {% endif %}{{ c.function.arguments.input }} {% endfor %}\
                {% endfor %}{% if false %}<tool_call>"arguments"{% endif %}
                """)
    }

    /// A request that is answered with the token 7 alone.
    private static func body(_ tools: String) -> String {
        #""input": "t22", "tools": \#(tools), "logit_bias": {"7": 100}, "max_output_tokens": 1, "#
            + #""stop_token_ids": [7], "include_stop_str_in_output": true, "temperature": 0"#
    }

    private static func events(_ reply: TestServer.Reply) throws -> [JSONValue] {
        try reply.text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            try JSONValue(parsing: $0.dropFirst("data: ".count).utf8)
        }
    }

    /// The model does not see them, and the answer tells which are left.
    @Test(arguments: [
        "web_search", "web_search_preview", "file_search", "code_interpreter", "image_generation", "mcp",
        "local_shell", "tool_search", "x",
    ])
    func toolsThatTheServerWouldRunAreLeftOut(type: String) async throws {
        let function = #"{"type":"function","name":"f","parameters":{"type":"object"}}"#
        let other = #"{"type":"\#(type)","name":"g"}"#
        func reply(_ tools: String, _ more: String = "") async throws -> JSONValue {
            let reply = try await Self.server().post("{\(Self.body(tools))\(more)}", to: Self.path)
            #expect(reply.status == 200, "\(reply.text)")
            return try reply.json
        }
        let allowed =
            #", "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}, "#
            + #"{"type": "\#(type)"}]}"#
        for more in ["", #", "tool_choice": "auto""#, allowed] {
            let both = try await reply("[\(other), \(function)]", more)
            #expect(both["tools"].written == "[\(function)]")
            #expect(both["usage"]?["input_tokens"]?.integer == 2)
        }
        let none = try await reply("[\(other)]")
        #expect(none["tools"].written == "[]")
        #expect(none["usage"]?["input_tokens"]?.integer == 1)
        let group = try await reply(#"[{"type":"namespace","name":"a","tools":[\#(other),\#(function)]}]"#)
        #expect(group["tools"].written == #"[{"type":"namespace","name":"a","tools":[\#(function)]}]"#)
        #expect(group["usage"]?["input_tokens"]?.integer == 2)
        let empty = try await reply(#"[{"type":"namespace","name":"a","tools":[\#(other)]}]"#)
        #expect(empty["tools"].written == "[]")
    }

    @Test func textsAreTheInputOfTools() async throws {
        let server = try Self.server(
            writing: #"<tool_call>{"name": "patch", "arguments": {"input": "a \"b\""}}</tool_call>"#)
        for format in ["", #", "format": {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}"#] {
            let tool = #"{"type": "custom", "name": "patch", "description": "d"\#(format)}"#
            let body = Self.body("[\(tool)]")
            let whole = try await server.post("{\(body)}", to: Self.path).json
            let item = try #require(whole["output"]?.array?.first?.object)
            #expect(item.entries.map(\.key) == ["type", "id", "call_id", "name", "input", "status"])
            #expect(item["type"]?.string == "custom_tool_call" && item["status"]?.string == "completed")
            #expect(item["name"]?.string == "patch" && item["input"]?.string == #"a "b""#)
            let events = try Self.events(try await server.post("{\(body), \"stream\": true}", to: Self.path))
            #expect(
                events.compactMap { $0["type"]?.string?.dropFirst("response.".count) } == [
                    "created", "in_progress", "output_item.added", "custom_tool_call_input.delta",
                    "custom_tool_call_input.done", "output_item.done", "completed",
                ])
            try #require(events.count == 7)
            #expect(events[2]["item"]?["input"]?.string == "")
            #expect(events[3]["delta"]?.string == #"a "b""# && events[4]["input"]?.string == #"a "b""#)
            #expect(events[3]["item_id"] == events[5]["item"]?["id"])
            #expect(events[5]["item"]?["input"]?.string == #"a "b""#)
        }
    }

    @Test(arguments: ["mcp__files", "mcp__files__"])
    func toolsOfGroupsAreToldByBothNames(namespace: String) async throws {
        let server = try Self.server(
            writing: #"<tool_call>{"name": "mcp__files__read", "arguments": {"a": 1}}</tool_call>"#)
        let body = Self.body(
            #"[{"type": "namespace", "name": "\#(namespace)", "tools": [{"type": "function", "name": "read"}]}]"#)
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let stream = try Self.events(try await server.post("{\(body), \"stream\": true}", to: Self.path))
        let added = stream.filter { $0["type"]?.string == "response.output_item.done" }.compactMap { $0["item"] }
        for item in (whole["output"]?.array ?? []) + added {
            #expect(item["type"]?.string == "function_call")
            #expect(item["namespace"]?.string == namespace && item["name"]?.string == "read")
            #expect(item["arguments"]?.string == #"{"a": 1}"#)
        }
        #expect(whole["output"]?.array?.count == 1 && added.count == 1)
    }

    /// A choice can require a tool of a group, and one that takes a text, whose argument has its name then.
    @Test(arguments: [
        (#"{"type": "function", "name": "b", "namespace": "a"}"#, "b"),
        (#"{"type": "function", "name": "a__b"}"#, "b"), (#"{"type": "custom", "name": "c"}"#, "c"),
        (#""required""#, "c"),
    ])
    func callsCanBeRequired(choice: String, name: String) async throws {
        let server = try GenerationWire.server(
            naming: [
                7: #"{"name": "c", "arguments": {"text": "x"}}"#, 8: #"{"name": "c", "arguments": {"input": "x"}}"#,
                9: #"{"name": "a__b", "arguments": {"a": 1}}"#,
            ],
            template: "{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}[TOOL_CALLS]{% endif %}")
        let tools =
            #"[{"type": "namespace", "name": "a", "tools": [{"type": "function", "name": "b"}]}, "#
            + #"{"type": "custom", "name": "c"}, {"type": "web_search"}]"#
        let reply = try await server.post(
            #"""
            {"input": "t22", "tools": \#(tools), "tool_choice": \#(choice), "max_output_tokens": 1, "temperature": 0,
             "logit_bias": {"7": 100, "8": 99, "9": 98}}
            """#, to: Self.path)
        let item = try reply.json["output"]?.array?.first
        #expect(item?["name"]?.string == name, "\(reply.text)")
        #expect(item?["input"]?.string == (name == "c" ? "x" : nil))
        #expect(item?["namespace"]?.string == (name == "b" ? "a" : nil))
    }

    @Test func callsOfEarlierAnswersArePrompts() async throws {
        let input =
            #"[{"role": "user", "content": "t22"}, "#
            + #"{"type": "custom_tool_call", "call_id": "c", "name": "b", "namespace": "a", "input": "t23 t24"}, "#
            + #"{"type": "custom_tool_call_output", "call_id": "c", "output": "t25"}, "#
            + #"{"type": "function_call", "call_id": "d", "name": "b", "namespace": "a", "#
            + #""arguments": "{\"input\":\"t26\"}"}, "#
            + #"{"type": "function_call_output", "call_id": "d", "output": [{"type": "input_text", "text": "t27"}]}]"#
        let reply = try await Self.server().post(#"{"input": \#(input), "max_output_tokens": 1}"#, to: Self.path)
        #expect(try reply.json["usage"]?["input_tokens"]?.integer == 10, "\(reply.text)")
    }
}
