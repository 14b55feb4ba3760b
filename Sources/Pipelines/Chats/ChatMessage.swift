import PenstockJSON

/// A message of a chat.
public struct ChatMessage: Sendable, Equatable {
    /// Its fields, as the chat template of a model sees them: `role`, mostly `content`, and what else that knows.
    public var fields: JSONObject

    /// A message of these fields.
    public init(_ fields: JSONObject) { self.fields = fields }

    /// A message that is a text.
    ///
    /// - Parameter role: whose it is: `system`, `user`, `assistant` or what else the template knows
    public init(role: String, content: String) {
        fields = JSONObject([("role", .string(role)), ("content", .string(content))])
    }

    /// Whose message it is.
    public var role: String? { fields["role"]?.string }
    /// The text; nil if it has none, or one in parts.
    public var content: String? { fields["content"]?.string }

    /// The message with a text behind its own; of parts, behind the last one that is a text. As upstream, it has no
    /// other fields then.
    func continued(by text: String) -> ChatMessage {
        var content = fields["content"] ?? .null
        if case .array(var parts) = content {
            if let last = parts.lastIndex(where: { $0["text"]?.string != nil }), let part = parts[last].object {
                parts[last] = .object(
                    JSONObject(
                        part.entries.map {
                            ($0.key, $0.key == "text" ? .string(($0.value.string ?? "") + text) : $0.value)
                        }))
            }
            content = .array(parts)
        } else {
            content = .string((content.string ?? "") + text)
        }
        return ChatMessage(JSONObject([("role", fields["role"] ?? .null), ("content", content)]))
    }

    /// The messages of a chat as a client sends them: as upstream, each has a role and a content, which may be null.
    ///
    /// - Parameter name: what messages of errors call the chat
    static func list(_ elements: [JSONValue], named name: String) throws(PipelineError) -> [ChatMessage] {
        guard !elements.isEmpty else { throw PipelineError(.invalidInputs, "\(name) is a chat without messages") }
        var messages: [ChatMessage] = []
        messages.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let fields = element.object, fields["role"]?.string != nil, fields["content"] != nil else {
                throw PipelineError(
                    .invalidInputs, "\(name)[\(index)] has to be a message: an object with role and content")
            }
            messages.append(ChatMessage(fields))
        }
        return messages
    }

    /// Bytes of its JSON text.
    var jsonBytes: Int {
        var writer = JSONWriter()
        writer.value(.object(fields))
        return writer.bytes.count
    }
}
