import PenstockJSON
import PenstockTestSupport
import Testing

/// Thoughts in answers of `POST /v1/responses`, and what is read of those of earlier answers.
@Suite struct ResponseThinkingTests {
    private static let path = "/v1/responses"
    private static let body = #""input":"t38","max_output_tokens":6,"temperature":0"#
    private static let template = """
        {% for m in messages %}{{ m.content or '' }} {% if m.thinking %}{{ m.reasoning_content }} {% endif %}\
        {% for c in m.tool_calls or [] %}{{ c.function.name }} {% endfor %}{% endfor %}\
        {% if enable_thinking is defined and not enable_thinking %}t1 t2 {% endif %}\
        {% if false %}<think>"arguments"<tool_call>{% endif %}
        """
    private static let words = "<think>a t21 t16 t21"

    /// Behind `t38` greedy search finds the tokens 14, 51, 14, 21, 16 and 21.
    private static func server() throws -> TestServer {
        try GenerationWire.server(naming: [14: "<think>a", 51: "b</think>"], template: template)
    }

    private static let thought = #"{"type":"reasoning_text","text":"a b"}"#
    private static let items =
        #""output":[{"type":"reasoning","id":"ID","summary":[],"content":[\#(thought)],"status":"completed"},"#
        + #"{"type":"message","id":"ID","status":"incomplete","role":"assistant","content":["#
        + #"{"type":"output_text","text":"\#(words)","annotations":[]}]}],"#

    @Test func thoughtsAreItems() async throws {
        let reply = try await Self.server().post("{\(Self.body)}", to: Self.path)
        #expect(reply.wire.contains(Self.items), "\(reply.text)")
        #expect(reply.text.contains(#""output_tokens":6,"output_tokens_details":{"reasoning_tokens":2}"#))
        let plain = try await Self.server().post(#"{\#(Self.body),"include_reasoning":false}"#, to: Self.path).json
        #expect(plain["output"]?.array?.map { $0["type"]?.string } == ["message"])
    }

    @Test func eventsAreTheseBytes() async throws {
        let reply = try await Self.server().post(#"{\#(Self.body),"stream":true}"#, to: Self.path)
        let events = reply.wire.split(separator: "\n\n").map(String.init)
        func event(_ number: Int, _ type: String, _ fields: String) -> String {
            "event: response.\(type)\ndata: "
                + #"{"type":"response.\#(type)","sequence_number":\#(number),\#(fields)}"#
        }
        let place = #""item_id":"ID","output_index":0,"content_index":0,"#
        func item(_ content: String, _ status: String) -> String {
            #""output_index":0,"item":{"type":"reasoning","id":"ID","summary":[],"content":[\#(content)],"#
                + #""status":"\#(status)"}"#
        }
        let expected = [
            event(2, "output_item.added", item("", "in_progress")),
            event(3, "content_part.added", place + #""part":{"type":"reasoning_text","text":""}"#),
            event(4, "reasoning_text.delta", place + #""delta":"a""#),
            event(5, "reasoning_text.delta", place + #""delta":" b""#),
            event(6, "reasoning_text.done", place + #""text":"a b""#),
            event(7, "content_part.done", place + #""part":\#(Self.thought)"#),
            event(8, "output_item.done", item(Self.thought, "completed")),
        ]
        try #require(events.count > 10, "\(reply.text)")
        #expect(Array(events[2..<9]) == expected)
        #expect(events[9].hasPrefix("event: response.output_item.added\n") && events[9].contains(#""output_index":1"#))
        #expect(events.last?.contains(Self.items) == true)
        #expect(events.last?.contains(#""reasoning_tokens":2"#) == true)
    }

    /// An answer that is cut within its thought has no message.
    @Test func answersMayBeThoughtsAlone() async throws {
        let server = try GenerationWire.server(naming: [14: "<think>"], template: Self.template)
        let whole = try await server.post("{\(Self.body)}", to: Self.path).json
        #expect(whole["output"]?.array?.map { $0["type"]?.string } == ["reasoning"])
        #expect(whole["output"]?.array?.first?["status"]?.string == "incomplete")
        let stream = try await server.post(#"{\#(Self.body),"stream":true}"#, to: Self.path).text
        #expect(!stream.contains("output_text") && stream.contains("event: response.incomplete"))
    }

    private static func tokens(_ items: String, _ more: String = "") async throws -> Int? {
        let user = #"{"role":"user","content":"t4"}"#
        let reply = try await server().post(
            #"{"input":[\#(user),\#(items)],"max_output_tokens":1\#(more)}"#, to: path)
        #expect(reply.status == 200, "\(reply.text)")
        return try reply.json["usage"]?["input_tokens"]?.integer
    }

    /// The template is given those of the answer that follows them.
    @Test func thoughtsOfEarlierAnswersAreRead() async throws {
        let thought =
            #"{"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"t6 t7"}]}"#
        let (assistant, user) = (#"{"role":"assistant","content":"t5"}"#, #"{"role":"user","content":"t8"}"#)
        let call = #"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#
        #expect(try await Self.tokens("\(assistant),\(user)") == 3)
        #expect(try await Self.tokens("\(thought),\(assistant),\(user)") == 5)
        #expect(try await Self.tokens("\(thought),\(call),\(user)") == 5)
        #expect(try await Self.tokens("\(thought),\(assistant),\(call),\(user)") == 6)
        #expect(try await Self.tokens("\(thought),\(user),\(assistant)") == 3)
        let summary = #"{"type":"reasoning","summary":[{"type":"summary_text","text":"t9"}],"content":null}"#
        #expect(try await Self.tokens("\(summary),\(assistant),\(user)") == 3)
        #expect(try await Self.tokens(user, #","reasoning":{"effort":"none"}"#) == 4)
    }

    @Test(arguments: [
        "web_search_call", "file_search_call", "code_interpreter_call", "computer_call", "computer_call_output",
        "mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "image_generation_call",
        "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call",
        "apply_patch_call_output", "tool_search_call", "tool_search_output", "compaction",
    ])
    func itemsOfOtherServersAreLeftOut(type: String) async throws {
        let item = #"{"type":"\#(type)","id":"x","status":"completed","action":{"query":"t9"},"output":7}"#
        #expect(try await Self.tokens(#"\#(item),{"role":"user","content":"t8"}"#) == 2)
    }
}
