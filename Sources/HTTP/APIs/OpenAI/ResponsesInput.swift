import PenstockJSON
import PenstockPipelines

/// The input of `POST /v1/responses`: a text, or a list of messages, thoughts, calls of tools and what came of them.
///
/// Items of tools that other servers run are left out.
struct ResponsesInput: Sendable {
    /// The messages of the chat that it is.
    private(set) var messages: [ChatMessage] = []
    /// The thoughts behind the last message, which belong to the next one of the assistant.
    private var thoughts: [String] = []

    /// - Parameter name: that of the field
    init(_ fields: RequestFields, _ name: String) throws(ClientError) {
        let expected = "a string or a list of items"
        let value = try fields.require(fields[name], name, expected)
        if let text = value.string {
            messages = [ChatMessage(role: "user", content: text)]
            return
        }
        for item in try fields.objects(name, expected) ?? [] { try add(item) }
        guard !messages.isEmpty else {
            throw ClientError(.emptyInputs, "\(name) has no messages", parameter: name)
        }
    }

    private mutating func add(_ item: RequestFields) throws(ClientError) {
        switch try item.string("type") ?? "message" {
        case "message":
            let role = try item.require(item.string("role"), "role", "a string")
            let text = try item.require(item.textContent("content"), "content", "a string or a list of parts")
            guard role == "assistant" else {
                append(ChatMessage(role: role == "developer" ? "system" : role, content: text))
                return
            }
            var message = JSONObject([("role", .string(role)), ("content", .string(text))])
            message.append(thought: thoughts.joined(separator: "\n"))
            append(ChatMessage(message))
        case "function_call":
            add(
                ToolCall.message(
                    id: try item.string("call_id"), try ResponseTools.modelName(ofCall: item),
                    arguments: try item.string("arguments").map(JSONValue.string) ?? .null))
        case "custom_tool_call":
            let input = try item.require(item.string("input"), "input", "a string")
            add(
                ToolCall.message(
                    id: try item.string("call_id"), try ResponseTools.modelName(ofCall: item),
                    arguments: .object(JSONObject([("input", .string(input))]))))
        case "function_call_output", "custom_tool_call_output":
            let output = try item.require(item.textContent("output"), "output", "a string or a list of parts")
            var message = JSONObject([("role", .string("tool")), ("content", .string(output))])
            if let id = try item.string("call_id") { message.append("tool_call_id", .string(id)) }
            append(ChatMessage(message))
        case "reasoning":
            for part in try item.objects("content") ?? [] {
                if let text = try part.string("text"), !text.isEmpty { thoughts.append(text) }
            }
        case let other where Self.isOfOtherServer(other): return
        case let other:
            throw ClientError(
                .invalidRequest,
                "\(item.path)type is \(other.excerpt), but has to be \"message\", \"function_call\", "
                    + "\"custom_tool_call\" or the output of one of these", parameter: "\(item.path)type")
        }
    }

    /// Tells whether items of a type are those of tools that servers run, such as `web_search_call`, or of what a server
    /// keeps of them.
    private static func isOfOtherServer(_ type: String) -> Bool {
        type.hasSuffix("_call") || type.hasSuffix("_call_output") || type.hasPrefix("mcp_")
            || ["tool_search_output", "compaction"].contains(type)
    }

    private mutating func append(_ message: ChatMessage) {
        thoughts = []
        messages.append(message)
    }

    /// Adds a call of a tool to the message of the assistant that goes before, or as one.
    private mutating func add(_ call: JSONValue) {
        var calls: [JSONValue] = []
        var content = JSONValue.null
        if let last = messages.last, last.role == "assistant" {
            messages.removeLast()
            calls = last.fields["tool_calls"]?.array ?? []
            content = last.fields["content"] ?? .null
            if let thought = last.fields.thought { thoughts.insert(thought, at: 0) }
        }
        var message = JSONObject([
            ("role", .string("assistant")), ("content", content), ("tool_calls", .array(calls + [call])),
        ])
        message.append(thought: thoughts.joined(separator: "\n"))
        append(ChatMessage(message))
    }
}
