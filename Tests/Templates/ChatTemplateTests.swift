import PenstockJSON
import PenstockTemplates
import Testing

/// Which template is taken, what messages it is given, and what its errors say.
@Suite struct ChatTemplateTests {
    private static func message(_ role: String, _ content: JSONValue, _ more: [(String, JSONValue)] = []) -> JSONValue {
        .object(JSONObject([("role", .string(role)), ("content", content)] + more))
    }

    private static func render(
        _ source: String, _ messages: [JSONValue], _ change: (inout ChatInput) -> Void = { _ in }
    ) throws -> String {
        var input = ChatInput(messages: messages, now: TemplateGoldenTests.now)
        change(&input)
        return try ChatTemplate(source: source).render(input).text
    }

    // MARK: Choice

    @Test func oneOfSeveralTemplatesIsChosen() throws {
        let list = JSONValue.array(
            [("default", "D"), ("tool_use", "T"), ("rag", "{{")].map { name, source in
                .object(JSONObject([("name", .string(name)), ("template", .string(source))]))
            })
        let templates = try ChatTemplates(setting: list)
        #expect(try templates.template().source == "D")
        #expect(try templates.template(hasTools: true).source == "T")
        #expect(try templates.template(named: "default", hasTools: true).source == "D")
        #expect { try templates.template(named: "rag") } throws: { ($0 as? TemplateError)?.code == .syntax }
        #expect { try templates.template(named: "x") } throws: {
            "\($0)" == "the model has no chat template 'x', but default, rag, tool_use"
        }
        #expect(try ChatTemplates(setting: .string("S")).template(hasTools: true).source == "S")
    }

    @Test func filesWinOverTheSetting() throws {
        let templates = try ChatTemplates(setting: .string("S"), file: "F", additional: [("rag", "R")])
        #expect(templates.names == ["default", "rag"])
        #expect(try templates.template().source == "F")
        let named = try ChatTemplates(setting: .string("S"), additional: [("a", "A"), ("b", "B")])
        #expect(try named.template(named: "b").source == "B")
        #expect { try named.template() } throws: { "\($0)".contains("choose one of a, b") }
    }

    @Test func modelsWithoutTemplatesSaySo() throws {
        for templates in [try ChatTemplates(), try ChatTemplates(setting: .null)] {
            #expect(templates.isEmpty)
            #expect { try templates.template() } throws: { ($0 as? TemplateError)?.code == .messages }
        }
        for setting in [JSONValue.integer(1), .array([.string("x")]), .object(JSONObject([("a", .null)]))] {
            #expect(throws: TemplateError.self) { try ChatTemplates(setting: setting) }
        }
    }

    // MARK: Messages

    @Test func nullsAreLeftOutAndReasoningHasAllItsNames() throws {
        let messages = [
            Self.message("assistant", .null, [("thinking", .string("t")), ("tool_calls", .null)]),
            Self.message("assistant", .string("c"), [("reasoning", .string("r"))]),
        ]
        #expect(
            try Self.render("{{ messages }}", messages)
                == "[{'thinking': 't', 'role': 'assistant', 'reasoning_content': 't'}, "
                + "{'thinking': 'r', 'role': 'assistant', 'content': 'c', 'reasoning': 'r', 'reasoning_content': 'r'}]")
    }

    @Test func absentToolsAndDocumentsAreNone() throws {
        let hello = [Self.message("user", .string("x"))]
        #expect(try Self.render("{{ tools }}{{ documents }}{{ add_generation_prompt }}", hello) == "NoneNoneFalse")
        #expect(try Self.render("{{ tools }}", hello) { $0.tools = [] } == "[]")
        #expect(throws: TemplateError.self) { try Self.render("", hello) { $0.tools = [.null] } }
        #expect(throws: TemplateError.self) { try Self.render("", []) }
        #expect(throws: TemplateError.self) { try Self.render("", [.string("x")]) }
    }

    // MARK: Continuing

    private static let plain = "{% for m in messages %}[{{ m.content }}]{% endfor %}!"
    private static let trimmed = "{% for m in messages %}[{{ m.content|trim }}]{% endfor %}!"
    private static let parts = "{% for p in messages[-1].content %}<{{ p.text }}>{% endfor %}!"

    @Test func promptsEndWithTheFinalMessage() throws {
        let messages = [Self.message("user", .string("a")), Self.message("assistant", .string("b c "))]
        let go: (inout ChatInput) -> Void = { $0.continueFinalMessage = "content" }
        #expect(try Self.render(Self.plain, messages, go) == "[a][b c ")
        #expect(try Self.render(Self.trimmed, messages, go) == "[a][b c")
        let blocks = JSONValue.array(
            ["x", "y"].map { .object(JSONObject([("type", .string("text")), ("text", .string($0))])) }
                + [.object(JSONObject([("type", .string("image"))]))])
        #expect(try Self.render(Self.parts, [Self.message("assistant", blocks)], go) == "<x><y")
        let reasoning = [Self.message("assistant", .string("z"), [("reasoning", .string("why"))])]
        #expect(
            try Self.render("{{ messages[0].thinking }}|{{ messages[0].content }}", reasoning) {
                $0.continueFinalMessage = "reasoning"
            } == "why")
    }

    @Test func whatCannotBeContinuedIsRefused() throws {
        let messages = [Self.message("assistant", .string("b"))]
        func expectRefusal(_ source: String, _ messages: [JSONValue], _ field: String, generates: Bool = false) {
            #expect {
                try Self.render(source, messages) {
                    $0.continueFinalMessage = field
                    $0.addGenerationPrompt = generates
                }
            } throws: { ($0 as? TemplateError)?.code == .messages }
        }
        expectRefusal(Self.plain, messages, "content", generates: true)
        expectRefusal(Self.plain, messages, "thinking")
        expectRefusal("{{ messages[0].role }}", [Self.message("assistant", .string("b"), [("x", .string("y"))])], "x")
        expectRefusal("{# content #}nothing", messages, "content")
        expectRefusal("{{ messages[0].content[:3] }}", [Self.message("assistant", .string("long text"))], "content")
        expectRefusal(Self.plain, [Self.message("assistant", .integer(1))], "content")
        expectRefusal(Self.plain, [Self.message("assistant", .array([]))], "content")
    }

    // MARK: Errors

    @Test(arguments: [
        ("{{ a.b.c }}", TemplateError.Code.undefined, 1, 5, "'a' is undefined"),
        (
            "x\n  {% if 1 %}\n{{ 1 + 'a' }}{% endif %}", .evaluation, 3, 4,
            "unsupported operand types for +: 'int' and 'str'"
        ),
        ("{{ raise_exception('No.') }}", .raised, 1, 19, "No."),
        ("é\n{{ 1 | nope }}", .syntax, 2, 8, "no filter named 'nope'"),
        ("{% include 'x' %}", .unsupported, 1, 1, "the tag 'include' is not supported in chat templates"),
        ("{{ 'x' | random }}", .unsupported, 1, 10, "the filter 'random' is not supported in chat templates"),
        ("{{ 9223372036854775808 }}", .syntax, 1, 4, "the integer 9223372036854775808 does not fit 64 bits"),
        ("{{ 9223372036854775807 + 1 }}", .evaluation, 1, 4, "an integer does not fit 64 bits"),
        ("{{ 3 ** 50 }}", .evaluation, 1, 4, "an integer does not fit 64 bits"),
        ("{% for x in 5 %}{% endfor %}", .evaluation, 1, 13, "'int' object is not iterable"),
        ("{% set a, b = [1] %}", .evaluation, 1, 8, "not enough values to unpack (expected 2)"),
        ("{% set l = [] %}{{ l.append(1) }}", .undefined, 1, 28, "access to the attribute 'append' is unsafe"),
        ("{{ 1", .syntax, 1, 5, "expected '}}', not the end of the template"),
        ("{% if 1 %}\n\n", .syntax, 2, 1, "the template ends where 'elif' or 'else' or 'endif' is missing"),
    ])
    func errorsSayWhereTheyAre(
        _ source: String, _ code: TemplateError.Code, _ line: Int, _ column: Int, _ message: String
    ) {
        #expect {
            try ChatTemplate(source: source).render(variables: JSONObject(), now: TemplateGoldenTests.now)
        } throws: { error in
            guard let error = error as? TemplateError else { return false }
            #expect(error.code == code && error.message == message, "\(error)")
            #expect(error.position?.line == line && error.position?.column == column, "\(error)")
            return true
        }
    }
}
