import PenstockJSON
import PenstockTemplates
import PenstockTestSupport
import Testing

/// What templates render, as scripts/make_template_fixtures.py recorded it from transformers.
@Suite struct TemplateGoldenTests {
    static let small = Result { try Fixtures.json(Fixtures.path("templates/small.json")) }
    static let chats = Result { try Fixtures.json(Fixtures.path("templates/chats.json")) }

    /// 2024-06-15 13:30:45.
    static let now = TemplateTime(secondsSince1970: 1_718_458_245)

    /// Compares with a recorded result: a text, what the template itself raised, or null for any other failure.
    private func expect(
        _ expected: JSONValue, _ name: String, _ render: () throws(TemplateError) -> RenderedPrompt
    ) {
        do throws(TemplateError) {
            let text = try render().text
            #expect(Array(text.utf8) == expected.string.map { Array($0.utf8) }, "\(name)")
        } catch {
            if let raised = expected["raised"]?.string {
                #expect(error.code == .raised && error.message == raised, "\(name)")
            } else {
                #expect(expected.isNull && error.code != .raised, "\(name): \(error)")
            }
        }
    }

    @Test func smallTemplates() throws {
        let fixture = try Self.small.get()
        let variables = try #require(fixture["variables"]?.object)
        let templates = try #require(fixture["templates"]?.array)
        #expect(templates.count > 500)
        for pair in templates {
            let (source, result) = (pair.array?.first?.string ?? "", pair.array?.last ?? .null)
            expect(result, source) { () throws(TemplateError) in
                try ChatTemplate(source: source).render(variables: variables, now: Self.now)
            }
        }
    }

    /// A chat of the fixture as input.
    static func input(_ chat: JSONValue, special: JSONObject) -> ChatInput {
        var input = ChatInput(messages: chat["messages"]?.array ?? [], now: now)
        input.tools = chat["tools"]?.array
        input.documents = chat["documents"]?.array
        input.addGenerationPrompt = chat["add_generation_prompt"]?.bool ?? false
        input.continueFinalMessage = chat["continue"]?.string
        input.variables = chat["variables"]?.object ?? JSONObject()
        input.specialTokens = special.entries.map { ($0.key, $0.value.string ?? "") }
        return input
    }

    @Test func chatTemplates() throws {
        let fixture = try Self.chats.get()
        let special = try #require(fixture["special"]?.object)
        let chats = try #require(fixture["chats"]?.array)
        let templates = try #require(fixture["templates"]?.object)
        #expect(templates.entries.count > 15 && chats.count == 10)
        for entry in templates.entries {
            let results = try #require(fixture["results"]?[entry.key]?.array)
            let template = try ChatTemplate(source: entry.value.string ?? "")
            for (number, (chat, result)) in zip(chats, results).enumerated() {
                expect(result, "\(entry.key), chat \(number)") { () throws(TemplateError) in
                    try template.render(Self.input(chat, special: special))
                }
            }
        }
    }

    @Test func momentsAreWrittenAsByC() throws {
        let template = try ChatTemplate(source: "{{ strftime_now(form) }}")
        for time in try #require(try Self.small.get()["times"]?.array) {
            let fields = time.array ?? []
            let (seconds, form) = (fields[0].integer ?? 0, fields[1])
            let prompt = try template.render(
                variables: JSONObject([("form", form)]), now: TemplateTime(secondsSince1970: seconds))
            #expect(prompt.text == fields[2].string, "\(time)")
        }
    }

    @Test func momentsAreThoseOfTheirZone() throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%Y-%m-%d %H:%M') }}")
        let moment = TemplateTime(secondsSince1970: 1_704_065_400, offset: 5400)
        #expect(try template.render(variables: JSONObject(), now: moment).text == "2024-01-01 01:00")
    }
}
