import PenstockPipelines
import Testing

/// Calls of tools in answers, in one piece and in any others.
@Suite struct ToolCallParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let format: ToolCallFormat
        let answer: String
        let text: String
        let calls: [ToolCall]

        init(_ format: ToolCallFormat, _ answer: String, text: String = "", _ calls: [(String, String)] = []) {
            (self.format, self.answer, self.text) = (format, answer, text)
            self.calls = calls.map { ToolCall(name: $0.0, arguments: $0.1) }
        }

        var testDescription: String { answer }
    }

    private static let f = #"{"name": "f", "arguments": {"a": "}]\"{", "b": [1, {}]}}"#
    private static let arguments = #"{"a": "}]\"{", "b": [1, {}]}"#

    private static let cases = [
        Case(.hermes, "No call: é <tool", text: "No call: é <tool"),
        Case(.hermes, " \n", text: " \n"),
        Case(.hermes, "<tool_call>\n\(f)\n</tool_call>", [("f", arguments)]),
        Case(.hermes, "Let me see é.\n\n<tool_call>\n\(f)\n</tool_call>\n", text: "Let me see é.", [("f", arguments)]),
        Case(
            .hermes, "<tool_call>\(f)</tool_call>\n<tool_call>{\"name\":\"g\",\"arguments\":{}}</tool_call>",
            [("f", arguments), ("g", "{}")]),
        // The end is missing, or the whole end of the call.
        Case(.hermes, "<tool_call>\n\(f)", [("f", arguments)]),
        Case(.hermes, #"<tool_call>{"name": "f", "arguments": {"a": 1"#, [("f", #"{"a": 1"#)]),
        // The arguments come first, are missing, or are a text.
        Case(.hermes, #"<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>"#, [("f", #"{"a": 1}"#)]),
        Case(.hermes, #"<tool_call>{"name": "f"}</tool_call>"#, [("f", "{}")]),
        Case(.hermes, #"<tool_call>{"name": "f", "arguments": null}</tool_call>"#, [("f", "{}")]),
        Case(.hermes, #"<tool_call>{"name": "f", "arguments": "{\"a\": 1}"}</tool_call>"#, [("f", #"{"a": 1}"#)]),
        // Anything else is text.
        Case(.hermes, "a <tool_call>b</tool_call>", text: "a <tool_call>b</tool_call>"),
        Case(.hermes, #"<tool_call>{"name": "h"}</tool_call>"#, text: #"<tool_call>{"name": "h"}</tool_call>"#),
        Case(.hermes, #"<tool_call>{"x": 1}"#, text: #"<tool_call>{"x": 1}"#),
        Case(.hermes, #"<tool_call>{"na"#, text: #"<tool_call>{"na"#),
        Case(.hermes, #"{"name": "f"}"#, text: #"{"name": "f"}"#),
        Case(.llama, #"{"name": "f", "parameters": {"a": "é"}}"#, [("f", #"{"a": "é"}"#)]),
        Case(.llama, " \n<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}}", [("f", "{}")]),
        Case(
            .llama, #"{"name": "f", "parameters": {}}; {"name": "g", "parameters": {"b": 2}}"#,
            [("f", "{}"), ("g", #"{"b": 2}"#)]),
        Case(.llama, #"{"answer": 42}"#, text: #"{"answer": 42}"#),
        Case(.llama, #"{"name": "Ada", "born": 1815}"#, text: #"{"name": "Ada", "born": 1815}"#),
        Case(.llama, #"It is {"name": "f"}."#, text: #"It is {"name": "f"}."#),
        Case(.mistral, "[TOOL_CALLS] [\(f), {\"name\": \"g\"}]", [("f", arguments), ("g", "{}")]),
        Case(.mistral, "[TOOL_CALLS]\(f)", [("f", arguments)]),
        Case(.mistral, "a [TOOL] b", text: "a [TOOL] b"),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]\(arguments)", [("f", arguments)]),
        Case(
            .mistral, "Let me é see.[TOOL_CALLS]f[ARGS]\(arguments)[TOOL_CALLS]g[ARGS]{}", text: "Let me é see.",
            [("f", arguments), ("g", "{}")]),
        Case(.mistral, "[TOOL_CALLS]f[CALL_ID]a1b2c3d4e[ARGS]{\"a\": 1}", [("f", #"{"a": 1}"#)]),
        Case(.mistral, "[TOOL_CALLS] f [ARGS] {}\n[TOOL_CALLS]g{\"b\": {}}", [("f", "{}"), ("g", #"{"b": {}}"#)]),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS][{\"name\": \"g\"}]", [("f", "{}"), ("g", "{}")]),
        Case(.mistral, #"[TOOL_CALLS]f[ARGS]{"a": 1"#, [("f", #"{"a": 1"#)]),
        Case(.mistral, "[TOOL_CALLS]h[ARGS]{}", text: "[TOOL_CALLS]h[ARGS]{}"),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]x{}", text: "[TOOL_CALLS]f[ARGS]x{}"),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]{}[TOOL_CALLS]h{}", text: "[TOOL_CALLS]h{}", [("f", "{}")]),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]{} \nDone", text: "Done", [("f", "{}")]),
        Case(.mistral, "[TOOL_CALLS]f[ARGS]", text: "[TOOL_CALLS]f[ARGS]"),
        Case(.mistral, "[TOOL_CALLS]f", text: "[TOOL_CALLS]f"),
        Case(.object, " \(f)", [("f", arguments)]),
    ]

    private static func parser(_ format: ToolCallFormat, mostCalls: Int = .max) -> ToolCallParser {
        ToolCallParser(format, tools: ["f", "g"], mostCalls: mostCalls)
    }

    @Test(arguments: cases) func callsAreFoundInAWhole(sample: Case) {
        let (text, calls) = ToolCallParser.parse(sample.answer, by: Self.parser(sample.format))
        #expect(text == sample.text)
        #expect(calls == sample.calls)
    }

    /// The same comes of an answer that is cut into two at any place, and after every character.
    @Test(arguments: cases) func callsAreFoundInPieces(sample: Case) {
        let scalars = Array(sample.answer.unicodeScalars)
        var cuts = (0...scalars.count).map { [Array(scalars[..<$0]), Array(scalars[$0...])] }
        cuts.append(scalars.map { [$0] })
        for cut in cuts {
            var parser = Self.parser(sample.format)
            var found = Found()
            for piece in cut {
                found.add(parser.append(String(String.UnicodeScalarView(piece))))
            }
            found.add(parser.finish())
            #expect(found.text == sample.text && found.calls == sample.calls, "\(cut.map(\.count))")
            #expect(parser.calls == sample.calls.count)
        }
    }

    /// Text and calls that were put together again.
    private struct Found {
        var text = ""
        var calls: [ToolCall] = []

        mutating func add(_ pieces: [ToolCallParser.Piece]) {
            for piece in pieces {
                switch piece {
                case .text(let part): text += part
                case .call(let number, let name):
                    #expect(number == calls.count)
                    calls.append(ToolCall(name: name, arguments: ""))
                case .arguments(let number, let part):
                    #expect(number == calls.count - 1)
                    calls[number].arguments += part
                }
            }
        }
    }

    /// Only what may be the beginning of a call is held back, and arguments come as they are written.
    @Test func piecesComeAsSoonAsTheyAreCertain() {
        var parser = Self.parser(.hermes)
        #expect(parser.append("Well, a < b") == [.text("Well, a < b")])
        #expect(parser.append(" <tool") == [])
        #expect(parser.append("s>") == [.text(" <tools>")])
        #expect(parser.append("<tool_call>{\"name\": \"f\"") == [.call(0, name: "f")])
        #expect(parser.append(", \"arguments\": {\"a\"") == [.arguments(0, "{\"a\"")])
        #expect(parser.append(": 1}") == [.arguments(0, ": 1}")])
        #expect(parser.append("}</tool_call> done") == [.text(" done")])
        #expect(parser.finish() == [])
    }

    /// What stands behind an opener is held back as long as it may be the name of a tool, and no longer.
    @Test func namesAreHeldBackWithinABound() {
        var parser = Self.parser(.mistral)
        #expect(parser.append("[TOOL_CALLS]") == [])
        #expect(parser.append("f[ARGS]") == [])
        #expect(parser.append("{\"a\"") == [.call(0, name: "f"), .arguments(0, "{\"a\"")])
        #expect(parser.append(": 1}") == [.arguments(0, ": 1}")])
        let words = String(repeating: "word ", count: 40)
        #expect(parser.append("[TOOL_CALLS]" + words) == [.text("[TOOL_CALLS]" + words)])
        #expect(parser.append("x") == [.text("x")])
        #expect(parser.finish() == [])
    }

    @Test func furtherCallsAreLeftOutIfThereMayBeOne() {
        let answer = "<tool_call>\(Self.f)</tool_call><tool_call>\(Self.f)</tool_call> x"
        let (text, calls) = ToolCallParser.parse(answer, by: Self.parser(.hermes, mostCalls: 1))
        #expect(text == "" && calls.count == 1)
    }

    @Test func familiesAreKnownByTheirTemplates() {
        #expect(ToolCallFormat(literals: [#"<tool_call>\n{"name": "#, #", "arguments": "#]) == .hermes)
        #expect(ToolCallFormat(literals: ["<tool_call>", "<arg_key>", #""arguments""#]) == nil)
        #expect(ToolCallFormat(literals: ["<tool_call>", "<function="]) == nil)
        #expect(ToolCallFormat(literals: ["[TOOL_CALLS] ["]) == .mistral)
        #expect(ToolCallFormat(literals: ["[TOOL_CALLS]", "[ARGS]"]) == .mistral)
        #expect(ToolCallFormat(literals: ["<|start_header_id|>", "<|python_tag|>"]) == .llama)
        #expect(
            ToolCallFormat(literals: [#"in the format {"name": function name, "parameters": dictionary of"#]) == .llama)
        #expect(ToolCallFormat(literals: ["<|im_start|>"]) == nil)
    }
}
