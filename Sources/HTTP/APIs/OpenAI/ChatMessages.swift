import PenstockJSON
import PenstockPipelines

/// The messages of a chat as OpenAI's clients send them.
///
/// For the chat template, `developer` is `system`, a content of parts is their texts with line breaks between, and the
/// arguments of calls of tools are the object that their text means. A message of the assistant with neither content
/// nor calls has the refusal as its text, or an empty one, which templates can put behind another. Other fields come as
/// they are; the thought that led to a message is also there by the other names that templates have for it.
struct ChatMessages: Sendable {
    let all: [ChatMessage]

    /// - Parameter name: that of the field
    init(_ fields: RequestFields, _ name: String) throws(ClientError) {
        let expected = "a list of messages"
        let messages = try fields.require(try fields.objects(name, expected), name, expected)
        guard !messages.isEmpty else {
            throw ClientError(.emptyInputs, "\(name) is an empty list", parameter: name)
        }
        var all: [ChatMessage] = []
        all.reserveCapacity(messages.count)
        for message in messages { all.append(try Self.message(message)) }
        self.all = all
    }

    private static func message(_ fields: RequestFields) throws(ClientError) -> ChatMessage {
        let role = try fields.require(fields.string("role"), "role", "a string")
        var message = JSONObject([("role", .string(role == "developer" ? "system" : role))])
        let calls = try calls(fields)
        var content = try fields.textContent("content")
        if content == nil, role != "assistant" {
            throw fields.invalid("content", "a string or a list of parts")
        }
        if content == nil, calls == nil { content = try fields.string("refusal") ?? "" }
        message.append("content", content.map(JSONValue.string) ?? .null)
        for entry in fields.object.entries where !["role", "content", "tool_calls"].contains(entry.key) {
            message.append(entry.key, entry.value)
        }
        if let calls { message.append("tool_calls", .array(calls)) }
        if role == "assistant", let thought = message.thought { message.append(thought: thought) }
        return ChatMessage(message)
    }

    /// The calls of tools in a message of the assistant; nil if it has none.
    private static func calls(_ fields: RequestFields) throws(ClientError) -> [JSONValue]? {
        guard let calls = try fields.objects("tool_calls"), !calls.isEmpty else { return nil }
        var all: [JSONValue] = []
        for call in calls {
            _ = try call.require(call["function"], "function", "an object with name and arguments")
            let function = try call.section("function")
            let name = try function.require(function.string("name"), "name", "a string")
            all.append(ToolCall.message(id: try call.string("id"), name, arguments: function["arguments"] ?? .null))
        }
        return all
    }
}

extension ToolCall {
    /// A call as chat templates take it. Its arguments are an object, unless they are no text of one.
    static func message(id: String?, _ name: String, arguments: JSONValue) -> JSONValue {
        let object = arguments.string.flatMap { try? JSONValue(parsing: $0.utf8) }.flatMap {
            $0.object == nil ? nil : $0
        }
        let function = JSONObject([("name", .string(name)), ("arguments", object ?? arguments)])
        var call = JSONObject()
        if let id { call.append("id", .string(id)) }
        call.append("type", .string("function"))
        call.append("function", .object(function))
        return .object(call)
    }
}

extension RequestFields {
    /// The text of a field that is one, or a list of parts that are; nil without it.
    func textContent(_ name: String) throws(ClientError) -> String? {
        guard let value = self[name] else { return nil }
        if let text = value.string { return text }
        let expected = "a string or a list of parts"
        guard value.array != nil, let parts = try objects(name, expected) else { throw invalid(name, expected) }
        var texts: [String] = []
        for part in parts {
            let type = try part.string("type") ?? "text"
            switch type {
            case "text", "input_text", "output_text":
                texts.append(try part.require(part.string("text"), "text", "a string"))
            case "refusal": texts.append(try part.require(part.string("refusal"), "refusal", "a string"))
            default:
                throw ClientError(
                    .invalidRequest, "\(part.path)type is \(type.excerpt), but the model reads texts alone",
                    parameter: "\(path)\(name)")
            }
        }
        return texts.joined(separator: "\n")
    }
}
