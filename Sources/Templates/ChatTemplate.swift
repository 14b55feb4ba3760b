import PenstockJSON

/// A chat template: Jinja, as `transformers` renders it, that makes a prompt of messages.
///
/// Templates come with models and are programs: they are interpreted in a sandbox, which has no way out of its values,
/// and within limits.
public struct ChatTemplate: Sendable {
    /// The source.
    public let source: String
    private let parsed: ParsedTemplate
    private let limits: TemplateLimits

    /// Reads a template.
    ///
    /// - Throws: ``TemplateError`` if it is none, or uses what is not supported.
    public init(source: String, limits: TemplateLimits = TemplateLimits()) throws(TemplateError) {
        self.source = source
        self.limits = limits
        parsed = try TemplateParser.parse(source, limits: limits)
    }

    /// The words outside of statements, and the strings in them: what prompts can have that no chat brings.
    public var literals: [String] { parsed.literals }

    /// Renders a chat.
    ///
    /// - Parameter isAwaited: asked now and then; rendering ends when nobody waits for it any more
    /// - Throws: ``TemplateError`` if the template refuses it, fails or exceeds the limits, or if the final message
    ///   does not appear in the prompt that is to end with it.
    public func render(
        _ input: ChatInput, while isAwaited: @escaping () -> Bool = { true }
    ) throws(TemplateError) -> RenderedPrompt {
        let (messages, continued) = try input.prepared(for: source)
        try Self.checkObjects(input.tools ?? [], "tools")
        try Self.checkObjects(input.documents ?? [], "documents")
        var variables: [(name: String, value: Value)] = []
        for (name, token) in input.specialTokens { variables.append((name, .text(TracedText(token)))) }
        for entry in input.variables.entries { variables.append((entry.key, try value(entry.value))) }
        variables.append(("messages", try messagesValue(messages)))
        variables.append(
            ("tools", try input.tools.map { tools throws(TemplateError) in try value(.array(tools)) } ?? .null))
        variables.append(
            (
                "documents",
                try input.documents.map { documents throws(TemplateError) in try value(.array(documents)) } ?? .null
            ))
        variables.append(("add_generation_prompt", .bool(input.addGenerationPrompt)))
        let text = try Renderer(parsed, limits: limits, now: input.now, while: isAwaited).render(variables)
        return RenderedPrompt(
            try continued.map { final throws(TemplateError) in try Self.cut(text, behind: final) } ?? text)
    }

    /// Renders the template with these variables alone.
    ///
    /// - Throws: ``TemplateError`` if the template refuses them, fails or exceeds the limits.
    public func render(variables: JSONObject, now: TemplateTime) throws(TemplateError) -> RenderedPrompt {
        var values: [(name: String, value: Value)] = []
        for entry in variables.entries { values.append((entry.key, try value(entry.value))) }
        return RenderedPrompt(try Renderer(parsed, limits: limits, now: now, while: { true }).render(values))
    }

    /// Roles that are trusted: templates put names of special tokens together of them, as `'<|' + role + '|>'`.
    private static let roles: Set = [
        "system", "developer", "user", "assistant", "tool", "function", "ipython", "observation",
    ]

    /// Messages as a list of dictionaries.
    private func messagesValue(_ messages: [JSONObject]) throws(TemplateError) -> Value {
        var dictionaries: [Value] = []
        dictionaries.reserveCapacity(messages.count)
        for message in messages {
            var entries: [(Value, Value)] = []
            for entry in message.entries {
                let isRole = entry.key == "role" && entry.value.string.map(Self.roles.contains) == true
                entries.append(
                    (
                        .text(TracedText(entry.key, isTrusted: false)),
                        try Value(entry.value, isTrusted: isRole, levels: limits.valueDepth - 3)
                    ))
            }
            dictionaries.append(.dictionary(try ValueDictionary(entries)))
        }
        return try checked(.list(ValueList(dictionaries)))
    }

    private func value(_ json: JSONValue) throws(TemplateError) -> Value {
        try checked(try Value(json, levels: limits.valueDepth - 1))
    }

    private func checked(_ value: Value) throws(TemplateError) -> Value {
        guard value.size <= limits.valueSize else {
            throw TemplateError(.limit, "the input has more than \(limits.valueSize) characters and elements")
        }
        return value
    }

    private static func checkObjects(_ values: [JSONValue], _ name: String) throws(TemplateError) {
        for value in values where value.object == nil {
            throw TemplateError(.messages, "'\(name)' must be a list of objects, but holds \(value.kind)")
        }
    }

    /// A rendered text up to the end of the text that the model goes on with.
    private static func cut(_ text: TracedText, behind final: String) throws(TemplateError) -> TracedText {
        let mark = TracedText(ChatInput.endMark)
        let place = text.lastRange(of: mark.trimmed(), in: 0..<text.count)
        guard let place, text.firstRange(of: TracedText(final).trimmed()) != nil else {
            throw TemplateError(
                .messages,
                "continue_final_message is set but the final message does not appear in the rendered chat: the "
                    + "template may leave out parts of it")
        }
        let head = text[0..<place.lowerBound]
        // If the template kept the space of the mark, it keeps those of the message.
        let isWhole = text.hasPrefix(mark, in: place.lowerBound..<text.count)
        return isWhole ? head : head[head.trimmedRange(\.isPythonSpace, atStart: false)]
    }
}
