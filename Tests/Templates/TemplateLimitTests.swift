import PenstockJSON
import PenstockTemplates
import Testing

/// Templates that want too much are refused, and cost little until then.
@Suite struct TemplateLimitTests {
    private static let limits = {
        var limits = TemplateLimits()
        limits.work = 1 << 21
        limits.valueSize = 1 << 16
        limits.outputBytes = 1 << 16
        return limits
    }()

    private static func render(_ source: String, _ variables: [(String, JSONValue)] = []) throws(TemplateError)
        -> String
    {
        try ChatTemplate(source: source, limits: limits)
            .render(variables: JSONObject(variables), now: TemplateGoldenTests.now).text
    }

    /// Whoever renders is asked before and during the work whether anybody waits.
    @Test(arguments: [0, 3]) func nobodyWorksForThoseWhoDoNotWait(answers: Int) throws {
        let endless = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}"
        let template = try ChatTemplate(source: endless)
        let message = JSONValue.object(JSONObject([("role", .string("user"))]))
        var questions = 0
        #expect {
            try template.render(ChatInput(messages: [message], now: TemplateGoldenTests.now)) {
                questions += 1
                return questions <= answers
            }
        } throws: { ($0 as? TemplateError)?.code == .abandoned }
        #expect(questions == answers + 1)
    }

    @Test(arguments: [
        "{{ 'a' * 100000000000 }}", "{{ [1] * 9223372036854775807 }}", "{{ 'ab'.center(9223372036854775807) }}",
        "{{ 'a'.zfill(1000000000) }}", "{{ 'a'.ljust(1000000000) }}", "{{ '%1000000s' % 'a' }}",
        "{{ '{:1000000}'.format(1) }}",
        "{{ '%.2000f' % 1.5 }}", "{{ 'a\tb'.expandtabs(1000000000) }}", "{{ 'a'|indent(1000000000) }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ [1]|tojson(indent=1000000000) }}", "{{ [1]|batch(1000000000, 0)|list }}",
        "{{ [1]|slice(1000000000)|list }}",
        "{{ range(100001) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% for i in range(100000) %}{{ 'aaaaaaaaaaaaaaaa' }}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% macro f(n) %}{{ f(n) ~ f(n) }}{% endmacro %}{{ f(1) }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}",
        "{% set n = namespace(x=(1,)) %}{% for i in range(99) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ {n.x: 1} }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set ns = namespace(x={}) %}{% for i in range(1000) %}{% set ns.x = {'x': ns.x} %}{% endfor %}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x.replace('', ns.x) %}{% endfor %}",
        "{% set n = namespace(x='<') %}{% for i in 'aaa' %}{% set n.x = n.x|forceescape %}{% endfor %}{{ n.x * 9999 }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x]|join(ns.x) %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = [n.x]|string|tojson %}{% endfor %}",
        "{% for i in range(100000) %}{% set x = range(100000)|list %}{% endfor %}",
        "{% for i in range(100000) %}{% set x = namespace(a=1) %}{% endfor %}",
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
    ])
    func hugeWorkIsRefused(_ source: String) {
        #expect { try Self.render(source) } throws: { ($0 as? TemplateError)?.code == .limit }
    }

    @Test(arguments: [
        "{{ " + String(repeating: "(", count: 10_000), String(repeating: "{{ [", count: 10_000),
        "{{ " + String(repeating: "[", count: 10_000),
        "{{ " + String(repeating: "not ", count: 10_000) + "1 }}",
        "{{ " + String(repeating: "-", count: 10_000) + "1 }}",
        "{{ 1" + String(repeating: "|abs", count: 10_000) + " }}",
        "{{ a" + String(repeating: ".a", count: 10_000) + " }}",
        "{{ a" + String(repeating: "[0]", count: 10_000) + " }}",
        "{{ a" + String(repeating: "()", count: 10_000) + " }}",
        "{{ 1" + String(repeating: " if 1", count: 10_000) + " }}",
        "{{ " + String(repeating: "1 if 1 else ", count: 10_000) + "1 }}",
        "{{ " + String(repeating: "{1:", count: 10_000), String(repeating: "{% if 1 %}", count: 10_000),
        String(repeating: "{% for i in 1 %}", count: 10_000), "{{ 1" + String(repeating: " is eq (1", count: 10_000),
        "{% set " + String(repeating: "(", count: 10_000),
        "{% filter upper" + String(repeating: "|upper", count: 10_000) + " %}",
        "{% set x" + String(repeating: "|upper", count: 10_000) + " %}",
        "{{ 2" + String(repeating: " ** -1", count: 10_000) + " }",
    ])
    func deepNestingIsAnError(_ source: String) {
        #expect(throws: TemplateError.self) { try Self.render(source) }
    }

    /// Long rows are no nesting.
    @Test func longRowsAreFine() throws {
        let count = 2000
        #expect(try Self.render("{{ 1" + String(repeating: " + 1", count: count) + " }}") == "\(count + 1)")
        #expect(try Self.render("{{ 0" + String(repeating: " or 0", count: count) + " or 5 }}") == "5")
        #expect(try Self.render("{{ ''" + String(repeating: " ~ 'a'", count: count) + " }}").count == count)
        #expect(try Self.render("{{ 1" + String(repeating: " < 2 > 1", count: count) + " }}") == "True")
        let branches = String(repeating: "{% elif 0 %}", count: count)
        #expect(try Self.render("{% if 0 %}\(branches){% else %}x{% endif %}") == "x")
        #expect(try Self.render(String(repeating: "{% if 1 %}a{% endif %}", count: count)).count == count)
    }

    /// Searching takes linear time also where a text nearly repeats itself.
    @Test func searchesTakeLinearTime() throws {
        let text = String(repeating: "a", count: 20_000)
        let variables: [(String, JSONValue)] = [("v", .string(text)), ("p", .string(text.dropLast(10_000) + "b"))]
        for source in [
            "{{ p in v }}", "{{ v.find(p) }}", "{{ v.rfind(p) }}", "{{ v.count(p) }}", "{{ v.replace(p, '')|length }}",
            "{{ v.split(p)|length }}", "{{ v.rsplit(p, 1)|length }}",
        ] {
            #expect(throws: Never.self) { try Self.render(source, variables) }
        }
    }

    @Test func inputsBeyondTheLimitsAreRefused() throws {
        let long = JSONValue.string(String(repeating: "a", count: 1 << 17))
        #expect { try Self.render("x", [("v", long)]) } throws: { ($0 as? TemplateError)?.code == .limit }
        var deep = JSONValue.array([])
        for _ in 0..<400 { deep = .array([deep]) }
        #expect { try Self.render("x", [("v", deep)]) } throws: { ($0 as? TemplateError)?.code == .limit }
        var limits = TemplateLimits()
        limits.sourceBytes = 10
        #expect { try ChatTemplate(source: "0123456789a", limits: limits) } throws: {
            ($0 as? TemplateError)?.code == .limit
        }
        limits = TemplateLimits()
        limits.outputBytes = 10
        let template = try ChatTemplate(source: "{{ v }}", limits: limits)
        #expect {
            try template.render(variables: JSONObject([("v", .string("ééééééé"))]), now: TemplateGoldenTests.now)
        } throws: { ($0 as? TemplateError)?.code == .limit }
    }
}
