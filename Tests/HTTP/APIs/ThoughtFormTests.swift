import PenstockJSON
import PenstockTestSupport
import Testing

/// Answers of a form behind thoughts, on all routes that tell thoughts apart.
@Suite struct ThoughtFormTests {
    struct Route: Sendable, CustomTestStringConvertible {
        let path: String
        /// The fields but the chat.
        let fields: String
        /// Finds the words of the thoughts and of the answer.
        let read: @Sendable (JSONValue) -> [String?]

        var testDescription: String { path }
    }

    private static let schema = #""schema":{"const":true}"#
    private static let messages = #""messages":[{"role":"user","content":"t38"}]"#

    private static let routes = [
        Route(
            path: "/v1/chat/completions",
            fields: messages + #","response_format":{"type":"json_schema","json_schema":{\#(schema)}},"max_tokens":9"#
        ) { reply in
            let message = reply["choices"]?.array?.first?["message"]
            return [message?["reasoning_content"]?.string, message?["content"]?.string]
        },
        Route(
            path: "/v1/responses",
            fields: #""input":"t38","text":{"format":{"type":"json_schema",\#(schema)}},"max_output_tokens":9"#
        ) { reply in
            let items = reply["output"]?.array ?? []
            return ["reasoning", "message"].map { type in
                let item = items.first { $0["type"]?.string == type }
                return item?["content"]?.array?.first?["text"]?.string
            }
        },
        Route(
            path: "/v1/messages",
            fields: messages + #","output_config":{"format":{"type":"json_schema",\#(schema)}},"max_tokens":9"#
        ) { reply in
            ["thinking", "text"].map { type in
                reply["content"]?.array?.first { $0["type"]?.string == type }?[type]?.string
            }
        },
        Route(
            path: "/api/chat",
            fields: messages + #","format":{"const":true},"stream":false,"options":{"num_predict":9,"temperature":0}"#
        ) { reply in [reply["message"]?["thinking"]?.string, reply["message"]?["content"]?.string] },
    ]

    /// Behind `t38` greedy search finds the tokens 14, 51, 14 and 21.
    private static func answer(
        _ route: Route, _ names: [Int: String], prompt end: String = "{% if false %}<think>{% endif %}",
        _ more: String = ""
    ) async throws -> [String?] {
        let server = try GenerationWire.server(
            naming: names.merging([20: "true"]) { $1 },
            template: "{% for m in messages %}{{ m.content }} {% endfor %}" + end)
        let reply = try await server.post(#"{\#(route.fields),"temperature":0\#(more)}"#, to: route.path)
        try #require(reply.status == 200, "\(reply.text)")
        return route.read(try reply.json)
    }

    @Test(arguments: routes) func formsAreThoseOfAnswers(route: Route) async throws {
        let answer = try await Self.answer(route, [14: "<think>", 21: "</think>"])
        #expect(answer == ["t51 <think>", "true"])
    }

    /// Where the prompt begins the thought, the answer goes on with it; where it has ended it, there is none.
    @Test(arguments: routes) func promptsMayBeginThoughts(route: Route) async throws {
        let marks = [66: "<think>", 65: "</think>"]
        let open = try await Self.answer(route, marks, prompt: "<think>\n")
        #expect(open[0]?.isEmpty == false && (open[1] ?? "").isEmpty)
        let ended = try await Self.answer(route, [14: "<think>", 21: "</think>"], prompt: "<think> </think>")
        #expect(ended == [nil, "true"])
    }

    /// A thought that uses its budget up makes way for the form.
    @Test func budgetsEndThoughtsInFrontOfForms() async throws {
        let marks = [66: "<think>", 65: "</think>"]
        for (index, wish) in [(0, #","thinking_token_budget":3"#), (2, #","thinking":{"budget_tokens":3}"#)] {
            let answer = try await Self.answer(Self.routes[index], marks, prompt: "<think>\n", wish)
            #expect(answer[0]?.split(separator: " ").count == 3)
            #expect(answer[1] == "true")
        }
    }

    /// Without tokens for the marks it is not known where a thought ends, so that the answer begins with the form.
    @Test(arguments: routes) func marksHaveToBeTokens(route: Route) async throws {
        #expect(try await Self.answer(route, [14: "<think>a", 21: "</think>"]) == [nil, "true"])
    }

    /// A call that is required is one of the answer, too.
    @Test func callsComeBehindThoughts() async throws {
        let server = try GenerationWire.server(
            naming: [14: "<think>", 21: "</think>", 20: #"{"name":"f","arguments":{}}"#],
            template:
                #"{% for m in messages %}{{ m.content }} {% endfor %}{% if false %}<think><tool_call>"arguments"{% endif %}"#
        )
        let schema = #"{"type":"object","additionalProperties":false}"#
        let reply = try await server.post(
            #"{\#(Self.messages),"temperature":0,"max_tokens":9,"tool_choice":"required","#
                + #""tools":[{"type":"function","function":{"name":"f","parameters":\#(schema)}}]}"#,
            to: "/v1/chat/completions")
        let message = try reply.json["choices"]?.array?.first?["message"]
        #expect(message?["reasoning_content"]?.string == "t51 <think>", "\(reply.text)")
        #expect(message?["tool_calls"]?.array?.first?["function"]?["name"]?.string == "f")
    }
}
