import PenstockJSON
import PenstockPipelines

/// The input of `POST /v1/responses`: a text, or a list of messages, calls of tools and what came of them.
struct ResponsesInput: Sendable {
    /// The messages of the chat that it is.
    private(set) var messages: [ChatMessage] = []

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
            messages.append(ChatMessage(role: role == "developer" ? "system" : role, content: text))
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
            messages.append(ChatMessage(message))
        case "reasoning":
            // Thoughts of other models are not read.
            return
        case let other:
            throw ClientError(
                .invalidRequest,
                "\(item.path)type is \(other.excerpt), but has to be \"message\", \"function_call\", "
                    + "\"custom_tool_call\" or the output of one of these", parameter: "\(item.path)type")
        }
    }

    /// Adds a call of a tool to the message of the assistant that goes before, or as one.
    private mutating func add(_ call: JSONValue) {
        var calls: [JSONValue] = []
        var content = JSONValue.null
        if let last = messages.last, last.role == "assistant" {
            messages.removeLast()
            calls = last.fields["tool_calls"]?.array ?? []
            content = last.fields["content"] ?? .null
        }
        messages.append(
            ChatMessage(
                JSONObject([
                    ("role", .string("assistant")), ("content", content), ("tool_calls", .array(calls + [call])),
                ])))
    }
}
