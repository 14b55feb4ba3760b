import PenstockJSON

/// The variables that a chat template is rendered with.
public struct ChatInput: Sendable {
    /// The messages of the chat, each an object with `role` and mostly `content`.
    public var messages: [JSONValue]
    /// Functions that the model may call, as JSON schemas; nil if there are none.
    public var tools: [JSONValue]?
    /// Documents that the model may refer to, each an object with `title` and `text`; nil if there are none.
    public var documents: [JSONValue]?
    /// True if the prompt is to end with the beginning of the assistant's answer.
    public var addGenerationPrompt = false
    /// The field of the final message that the model is to go on with, mostly `content`; nil if it is to answer.
    public var continueFinalMessage: String?
    /// More variables of the template. They win over special tokens of the same name.
    public var variables = JSONObject()
    /// The special tokens by the names of their variables, such as `bos_token`.
    public var specialTokens: [(name: String, token: String)] = []
    /// The moment that `strftime_now` writes.
    public var now: TemplateTime

    /// A chat of these messages at a moment.
    public init(messages: [JSONValue], now: TemplateTime) {
        self.messages = messages
        self.now = now
    }
}

extension ChatInput {
    /// The names under which the reasoning of a message is known; templates read it under the first.
    private static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

    /// The mark behind the text that the model goes on with, by which its end is found in the prompt.
    static let endMark = "CONTINUE_FINAL_MESSAGE_TAG "

    /// The text that the model goes on with, when there is one, and the messages as templates get them.
    ///
    /// Fields that are null are left out, and reasoning stands under all names that templates look for it.
    ///
    /// - Throws: ``TemplateError`` if the messages are none or cannot be continued.
    func prepared(for source: String) throws(TemplateError) -> (messages: [JSONObject], continued: String?) {
        guard !messages.isEmpty else {
            throw TemplateError(
                .messages, "a chat template cannot be applied to an empty conversation: provide at least one message")
        }
        var prepared: [JSONObject] = []
        for message in messages {
            guard let object = message.object else {
                throw TemplateError(.messages, "messages must be objects, not \(message.kind)")
            }
            prepared.append(Self.withReasoning(Self.unique(object)))
        }
        guard let field = continueFinalMessage, let last = prepared.popLast() else {
            return (prepared, nil)
        }
        guard !addGenerationPrompt else {
            throw TemplateError(
                .messages, "continue_final_message and add_generation_prompt are not compatible: leave out one of them")
        }
        let (message, text) = try Self.marked(last, field, source)
        return (prepared + [message], text)
    }

    /// An object without nulls, in which each key stands once.
    private static func unique(_ object: JSONObject) -> JSONObject {
        guard object.firstDuplicateKey != nil else {
            return JSONObject(object.entries.filter { !$0.value.isNull }.map { ($0.key, $0.value) })
        }
        var places: [[UInt8]: Int] = [:]
        var entries: [(String, JSONValue)] = []
        for entry in object.entries {
            let key = Array(entry.key.utf8)
            if let place = places[key] {
                entries[place].1 = entry.value
            } else {
                places[key] = entries.count
                entries.append((entry.key, entry.value))
            }
        }
        return JSONObject(entries.filter { !$0.1.isNull })
    }

    private static func withReasoning(_ message: JSONObject) -> JSONObject {
        guard let reasoning = reasoningFields.lazy.compactMap({ message[$0] }).first else { return message }
        var result = JSONObject([("thinking", message["thinking"] ?? reasoning)])
        for entry in message.entries where entry.key != "thinking" {
            result.append(entry.key, entry.key == "reasoning_content" ? reasoning : entry.value)
        }
        if message["reasoning_content"] == nil { result.append("reasoning_content", reasoning) }
        return result
    }

    /// A message with a mark behind the text of a field, and that text.
    private static func marked(
        _ message: JSONObject, _ field: String, _ source: String
    ) throws(TemplateError) -> (JSONObject, String) {
        guard let value = message[field] else {
            throw TemplateError(
                .messages, "continue_final_message is set but the final message has no '\(field)' to continue")
        }
        let fields = reasoningFields.contains(field) ? reasoningFields.filter { message[$0] == value } : [field]
        guard fields.contains(where: source.contains) else {
            throw TemplateError(
                .messages,
                "continue_final_message is set to '\(field)' but this is not an accepted field in the chat template")
        }
        let replacement: JSONValue
        let text: String
        switch value {
        case .string(let string): (text, replacement) = (string, .string(string + endMark))
        case .array(var blocks):
            guard let index = blocks.lastIndex(where: { $0["text"] != nil }), case .object(let block) = blocks[index],
                let string = block["text"]?.string
            else {
                throw TemplateError(
                    .messages, "continue_final_message is set but there is no text to continue in the final message")
            }
            blocks[index] = .object(block.replacing("text", with: .string(string + endMark)))
            (text, replacement) = (string, .array(blocks))
        default:
            throw TemplateError(.messages, "'\(field)' of the final message must be a text to be continued")
        }
        return (fields.reduce(message) { $0.replacing($1, with: replacement) }, text)
    }
}

extension JSONObject {
    /// The object with another value for a key.
    fileprivate func replacing(_ key: String, with value: JSONValue) -> JSONObject {
        JSONObject(entries.map { ($0.key, $0.key == key ? value : $0.value) })
    }
}
