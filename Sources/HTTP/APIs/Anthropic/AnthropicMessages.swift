import PenstockJSON
import PenstockPipelines

/// The messages of a chat as Anthropic's clients send them: a system prompt beside them, and contents of blocks.
///
/// For the chat template, texts of a message have line breaks between them, and results of tools are messages of their own
/// in front of the text beside them. Thoughts are beside the text that they led to.
struct AnthropicMessages: Sendable {
    private(set) var all: [ChatMessage] = []

    init(_ fields: RequestFields) throws(ClientError) {
        if let system = try fields.textContent("system"), !system.isEmpty {
            all.append(ChatMessage(role: "system", content: system))
        }
        let expected = "a list of messages"
        let messages = try fields.require(fields.objects("messages", expected), "messages", expected)
        guard !messages.isEmpty else {
            throw ClientError(.emptyInputs, "messages is an empty list", parameter: "messages")
        }
        for message in messages {
            let roles: KeyValuePairs<String, String> = ["user": "user", "assistant": "assistant", "system": "system"]
            let role = try message.require(message.choice("role", roles), "role", "\"user\" or \"assistant\"")
            if let text = message["content"]?.string {
                all.append(ChatMessage(role: role, content: text))
            } else {
                try append(role, message)
            }
        }
    }

    /// Adds a message whose content are blocks.
    private mutating func append(_ role: String, _ message: RequestFields) throws(ClientError) {
        let expected = "a string or a list of blocks"
        guard message["content"]?.array != nil, let blocks = try message.objects("content", expected) else {
            throw message.invalid("content", expected)
        }
        var (texts, thoughts, calls): ([String], [String], [JSONValue]) = ([], [], [])
        for block in blocks {
            switch try block.require(block.string("type"), "type", "a string") {
            case "text": texts.append(try block.require(block.string("text"), "text", "a string"))
            case "tool_use":
                let name = try block.require(block.string("name"), "name", "a string")
                let input = JSONValue.object(try block.section("input").object)
                calls.append(ToolCall.message(id: try block.string("id"), name, arguments: input))
            case "tool_result": all.append(try Self.result(block))
            case "thinking": thoughts.append(try block.string("thinking") ?? "")
            // Another server has encrypted it.
            case "redacted_thinking": break
            case let type:
                throw block.unsupported(
                    "type", "blocks of the type \(type.excerpt) are not read; the model reads texts")
            }
        }
        guard !texts.isEmpty || !calls.isEmpty else { return }
        var fields = JSONObject([("role", .string(role)), ("content", .string(texts.joined(separator: "\n")))])
        if !calls.isEmpty { fields.append("tool_calls", .array(calls)) }
        let thought = thoughts.filter { !$0.isEmpty }.joined(separator: "\n")
        fields.append(thought: thought)
        all.append(ChatMessage(fields))
    }

    /// The result of a call of a tool.
    private static func result(_ block: RequestFields) throws(ClientError) -> ChatMessage {
        let text = try block.textContent("content") ?? ""
        let isError = try block.flag("is_error")
        var fields = JSONObject([("role", .string("tool")), ("content", .string(isError ? "Error: \(text)" : text))])
        if let id = try block.string("tool_use_id") { fields.append("tool_call_id", .string(id)) }
        return ChatMessage(fields)
    }
}

extension ToolUse {
    /// The tools of a request of Anthropic: `tools` and `tool_choice`.
    init(anthropic fields: RequestFields) throws(ClientError) {
        self.init()
        for tool in try fields.objects("tools") ?? [] {
            guard let type = try tool.string("type"), type != "custom" else {
                let name = try tool.require(tool.string("name"), "name", "a string")
                let schema = try tool.value("input_schema", "a JSON schema") { $0.object == nil ? nil : $0 }
                tools.append(Tool(name: name, try tool.string("description"), schema))
                continue
            }
            throw tool.unsupported("type", "there are no tools of the server, such as \(type.excerpt)")
        }
        let chosen = try fields.section("tool_choice")
        isParallel = try !chosen.flag("disable_parallel_tool_use")
        switch try chosen.string("type") {
        case nil, "auto"?: choice = .auto
        case "none"?: choice = .none
        case "any"?: choice = .required
        case "tool"?:
            let name = try chosen.require(chosen.string("name"), "name", "the name of a tool")
            guard tools.contains(where: { $0.name == name }) else {
                throw chosen.unsupported("name", "there is no tool \(name.excerpt)")
            }
            choice = .named(name)
        case _?: throw chosen.invalid("type", "\"auto\", \"any\", \"tool\" or \"none\"")
        }
        if tools.isEmpty, choice == .required { throw fields.unsupported("tool_choice", "there are no tools") }
    }
}
