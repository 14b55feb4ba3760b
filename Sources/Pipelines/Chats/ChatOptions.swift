import PenstockJSON

/// The options of how prompts are made of chats.
public struct ChatOptions: TaskOptions {
    /// Functions that the model may call, as JSON schemas; nil if there are none.
    public var tools: [JSONValue]?
    /// Documents that the model may refer to, each an object with `title` and `text`; nil if there are none.
    public var documents: [JSONValue]?
    /// True if the model is to go on with the last message; nil if it is to do so where that is the assistant's.
    public var continueFinalMessage: Bool?
    /// The name of the template; nil for `tool_use` if there are tools and such a template, and else `default`.
    public var template: String?
    /// More variables of the template.
    public var variables = JSONObject()
    /// True if the oldest messages of a chat go until its prompt leaves room for the answer, or for a quarter of what the
    /// model takes if that is less.
    package var dropsOldest = false
    /// Tokens of the prompt and the answer for which there is memory, to which the oldest messages make way; nil for as
    /// many as the model takes.
    package var mostTokens: Int?

    /// The defaults.
    public init() {}
}

extension ChatOptions {
    /// Names, kinds and defaults of the options.
    static let table = OptionTable<ChatOptions>([
        .objects("tools", \.tools, "Functions that the model may call in a chat, as JSON schemas."),
        .objects("documents", \.documents, "Documents that the model may refer to in a chat, with title and text."),
        .flag(
            "continue_final_message", \.continueFinalMessage,
            "Go on with the last message of a chat; as left out, if it is the assistant's."),
        .text("chat_template", \.template, "The name of a chat template, of a model that has several."),
        .variables("chat_template_kwargs", besides: [], "More variables of the chat template, by name."),
        .variables(
            "tokenizer_encode_kwargs", besides: tokenizerArguments, "More variables of the chat template, by name."),
    ])

    /// The names that the renderer itself gives values to.
    package static let reserved: Set = [
        "messages", "conversation", "tools", "documents", "add_generation_prompt", "continue_final_message",
        "chat_template",
    ]

    /// The arguments that upstream's tokenizers take beside variables of templates.
    private static let tokenizerArguments: Set = [
        "tokenize", "padding", "truncation", "max_length", "return_tensors", "return_dict", "add_special_tokens",
        "return_assistant_tokens_mask", "sanitize_control_tokens", "tokenizer_kwargs",
    ]

    /// The name of an option that was given; nil if all are as without a request.
    var given: String? {
        if tools != nil { return "tools" }
        if documents != nil { return "documents" }
        if continueFinalMessage != nil { return "continue_final_message" }
        if template != nil { return "chat_template" }
        return variables.entries.isEmpty ? nil : "chat_template_kwargs"
    }
}

extension TaskOption where Options == ChatOptions {
    /// A list of objects that need not be given.
    fileprivate static func objects(
        _ name: String, _ path: WritableKeyPath<ChatOptions, [JSONValue]?> & Sendable, _ summary: String
    ) -> TaskOption {
        .form(name, path, type: "array of objects", expected: "a list of objects", summary) { value in
            value.array.flatMap { $0.allSatisfy { $0.object != nil } ? $0 : nil }
        }
    }

    /// Variables of a template, but for those that the renderer itself has and others.
    fileprivate static func variables(_ name: String, besides others: Set<String>, _ summary: String) -> TaskOption {
        let description = OptionDescription(
            name, .form(name: "object", expected: "an object"), fallback: nil, summary)
        return TaskOption(description) { (value, path, options) throws(PipelineError) in
            guard let object = value.object else { throw description.mismatch(value, path: path) }
            for entry in object.entries {
                guard !ChatOptions.reserved.contains(entry.key), !others.contains(entry.key) else {
                    throw PipelineError(
                        .invalidParameter,
                        "parameter \(path)\(name).\(entry.key): this is no variable for requests to set")
                }
                if let other = options.variables[entry.key], other != entry.value {
                    throw PipelineError(
                        .invalidParameter,
                        "parameter \(path)\(name).\(entry.key.cut(after: 40)): it is given twice, but differs")
                }
                options.variables.append(entry.key, entry.value)
            }
        }
    }
}
