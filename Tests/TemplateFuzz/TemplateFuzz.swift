import PenstockJSON
import PenstockTemplates
import PenstockTestSupport

/// Reads and renders chat templates that are damaged, put together at random, or meet chats that they were not made for.
/// A template is an error or a prompt.
@main
struct TemplateFuzz {
    static func main() throws {
        let fuzzer = try TemplateFuzzer()
        try FuzzLoop.main("template-fuzz") { fuzzer.run($0) }
    }
}

/// Makes templates and what they are rendered with.
private struct TemplateFuzzer {
    private let templates: [String]
    private let chats: [JSONValue]
    private let variables: JSONObject
    /// Statements, expressions and texts between them, of all templates.
    private let pieces: [String]
    /// What stands between spaces in statements and expressions.
    private let words: [String]

    private static let now = TemplateTime(secondsSince1970: 1_718_458_245)

    init() throws {
        let small = try Fixtures.json(Fixtures.path("templates/small.json"))
        let whole = try Fixtures.json(Fixtures.path("templates/chats.json"))
        let expressions = (small["templates"]?.array ?? []).compactMap { $0.array?.first?.string }
        templates = expressions + (whole["templates"]?.object?.entries ?? []).compactMap { $0.value.string }
        chats = whole["chats"]?.array ?? []
        variables = small["variables"]?.object ?? JSONObject()
        pieces = templates.flatMap(Self.pieces)
        words = pieces.filter { $0.hasPrefix("{") }.flatMap { $0.split(separator: " ").map(String.init) }
    }

    /// Runs one iteration. Returns a word for what came of it.
    func run(_ generator: SeededGenerator) -> String {
        var random = generator
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return "a damaged template: \(outcome(damaged(&random), &random))"
        case 1:
            let source = (0..<Int.random(in: 1...30, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            return "pieces: \(outcome(source.joined(), &random))"
        case 2: return "words: \(outcome(expression(&random), &random))"
        default: return "another chat: \(outcome(templates.randomElement(using: &random) ?? "", &random))"
        }
    }

    private func damaged(_ random: inout SeededGenerator) -> String {
        var bytes = Array((templates.randomElement(using: &random) ?? "").utf8)
        for _ in 0...Int.random(in: 0..<3, using: &random) { random.damage(&bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A loop or a value of words that need not go together, some of them in brackets or called.
    private func expression(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let word = words.randomElement(using: &random) ?? ""
            let isKept = !word.hasPrefix("{") && !word.hasSuffix("}")
            let join = [" ", " | ", " * ", " ~ ", "(", "[", ".", " if ", ", ", ")", "]"].randomElement(using: &random)
            text += (isKept ? word : "x") + (join ?? " ")
        }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return "{{ \(text) }}"
        case 1: return "{% for x in \(text) %}{{ x }}{% set s = x * 9 %}{{ s ~ loop.index }}{% endfor %}"
        default: return "{% macro f(x) %}{{ f(\(text)) }}{% endmacro %}{{ f(\(text)) }}"
        }
    }

    private func outcome(_ source: String, _ random: inout SeededGenerator) -> String {
        guard let template = try? ChatTemplate(source: source) else { return "refused" }
        if Bool.random(using: &random) {
            return (try? template.render(variables: variables, now: Self.now)) == nil ? "an error" : "a text"
        }
        return (try? template.render(input(&random))) == nil ? "an error" : "a prompt"
    }

    /// A chat whose messages, tools and documents are of several chats, and some of them anything.
    private func input(_ random: inout SeededGenerator) -> ChatInput {
        func part(_ name: String) -> [JSONValue]? { chats.randomElement(using: &random)?[name]?.array }
        var messages = (part("messages") ?? []) + (part("messages") ?? [])
        if !messages.isEmpty, Bool.random(using: &random) {
            messages[Int.random(in: messages.indices, using: &random)] = value(&random, depth: 0)
        }
        var input = ChatInput(messages: messages, now: Self.now)
        input.tools = part("tools")
        input.documents = part("documents")
        input.addGenerationPrompt = Bool.random(using: &random)
        input.continueFinalMessage = ["content", "thinking", nil].randomElement(using: &random) ?? nil
        input.variables = variables
        input.specialTokens = [("bos_token", "<s>"), ("eos_token", "</s>")]
        return input
    }

    private func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .integer([0, -1, 1, 1 << 40, .max, .min].randomElement(using: &random) ?? 0)
        case 3: .double([0.5, -0.0, 1e300, 1e-300].randomElement(using: &random) ?? 0)
        case 4, 5: .string(pieces.randomElement(using: &random) ?? "")
        case 6: .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(
                JSONObject(
                    ["role", "content", "tool_calls", "function", "type", "text"].filter { _ in
                        Bool.random(using: &random)
                    }.map { ($0, value(&random, depth: depth + 1)) }))
        }
    }

    /// Cuts a template in front of braces that open, and behind those that close.
    private static func pieces(of source: String) -> [String] {
        let (opening, closing) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
        var pieces: [[UInt8]] = [[]]
        var last: UInt8 = 0
        for byte in source.utf8 {
            if (byte == opening && last != opening) || (byte != closing && last == closing) { pieces.append([]) }
            pieces[pieces.count - 1].append(byte)
            last = byte
        }
        return pieces.map { String(decoding: $0, as: UTF8.self) }
    }
}
