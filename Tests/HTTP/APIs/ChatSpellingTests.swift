import PenstockJSON
import Testing

/// Chats in spellings that clients of several servers have for the same wishes.
@Suite struct ChatSpellingTests {
    private static let path = "/v1/chat/completions"
    private static let messages = #"[{"role": "user", "content": "t22 t23"}]"#
    /// Has the model write one token: 7 if that may be, and else 8.
    private static let writing = #""logit_bias": {"7": 100, "8": 99}, "max_tokens": 1, "temperature": 0"#

    private static func message(_ reply: TestServer.Reply) throws -> JSONValue? {
        try reply.json["choices"]?.array?.first?["message"]
    }

    /// The arguments of a call are an object also where the schema of the tool does not say so.
    @Test(arguments: [
        "{}", #"{"properties": {"a": {"type": "integer"}}, "required": ["a"]}"#, #"{"type": ["object", "null"]}"#,
        #"{"type": null, "properties": {"a": {}}}"#, ##"{"$ref": "#/$defs/A", "$defs": {"A": {"required": ["a"]}}}"##,
    ])
    func argumentsOfRequiredCallsAreObjects(parameters: String) async throws {
        for wrong in ["[1]", "7", "null", #""a""#] {
            let server = try GenerationWire.server(
                naming: [
                    7: #"{"name": "f", "arguments": \#(wrong)}"#, 8: #"{"name": "f", "arguments": {"a": 1}}"#,
                ],
                template: "{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}[TOOL_CALLS]{% endif %}")
            let tool = #"{"type": "function", "function": {"name": "f", "parameters": \#(parameters)}}"#
            let reply = try await server.post(
                """
                {"messages": \(Self.messages), "tools": [\(tool)], "tool_choice": "required", \(Self.writing)}
                """, to: Self.path)
            let call = try Self.message(reply)?["tool_calls"]?.array?.first?["function"]
            #expect(call?["arguments"]?.string == #"{"a": 1}"#, "\(reply.text)")
        }
    }

    /// A schema is followed under each name that it has.
    @Test(arguments: [
        #"{"type": "json_object", "schema": S}"#, #"{"type": "json_object", "value": S}"#,
        #"{"type": "json", "value": S}"#, #"{"type": "json_schema", "json_schema": {"name": "s", "schema": S}}"#,
    ])
    func formsHaveSeveralSpellings(format: String) async throws {
        let server = try GenerationWire.server(naming: [7: #"{"b": true}"#, 8: #"{"a": true}"#])
        let schema =
            #"{"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"], "#
            + #""additionalProperties": false}"#
        let reply = try await server.post(
            """
            {"messages": \(Self.messages), "response_format": \(format.replacing("S}", with: schema + "}")),
             \(Self.writing)}
            """, to: Self.path)
        #expect(try Self.message(reply)?["content"]?.string == #"{"a": true}"#, "\(reply.text)")
    }

    /// An answer without words that a client sends back is a text to a template, and so is a refusal.
    @Test func messagesOfTheAssistantMayHaveNoContent() async throws {
        let server = try GenerationWire.server(
            naming: [:], template: "{% for m in messages %}{{ m['content'] + ' ' }}{% endfor %}")
        for (message, tokens) in [
            (#""content": null"#, 3), (#""content": """#, 3), (#""tool_calls": []"#, 3),
            (#""content": null, "refusal": "t30 t31""#, 5),
            (#""content": [{"type": "refusal", "refusal": "t30 t31"}]"#, 5),
        ] {
            let reply = try await server.post(
                """
                {"messages": [{"role": "user", "content": "t22 t23"}, {"role": "assistant", \(message)},
                 {"role": "user", "content": "t24"}], "max_tokens": 1}
                """, to: Self.path)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(try reply.json["usage"]?["prompt_tokens"]?.integer == tokens, "\(message)")
        }
    }
}
