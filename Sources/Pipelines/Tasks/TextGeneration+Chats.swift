import PenstockJSON

extension TextGeneration.Input {
    /// Its size: that of one text, and the bytes of what users wrote.
    package var textSize: TextSize {
        switch self {
        case .text(let prompt): TextSize(of: [prompt])
        case .chat(let messages):
            TextSize(count: 1, bytes: messages.reduce(0) { $0 + JSONValue.object($1.fields).textSize.bytes })
        case .tokens(let ids): TextSize(count: 1, bytes: ids.count)
        case .gap(let gap): TextSize(count: 1, bytes: gap.bytes)
        }
    }
}

extension TextGeneration {
    /// The tokens of a prompt, or of that of a chat, and the thought at its end.
    func ids(
        of input: Input, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> (ids: [Int32], thought: PromptThought) {
        switch input {
        case .text(let prompt):
            try refuseChatOptions(options)
            return (try encoder.encode(.text((options.prefix ?? "") + prompt), truncation: nil).ids, .ended)
        case .tokens(let ids):
            try refuseChatOptions(options)
            guard options.prefix ?? "" == "" else {
                throw PipelineError(
                    .invalidParameter, "parameter prefix: a prompt of tokens has none; put its tokens first")
            }
            try checkTokens(ids)
            return (ids, .ended)
        case .gap(let gap):
            try refuseChatOptions(options)
            return (try ids(of: gap, answer: options.generation.maxNewTokens ?? 0, in: scope), .ended)
        case .chat(let messages):
            try check(messages, options)
            return try ids(ofChat: messages, options, in: scope)
        }
    }

    /// The tokens of the prompt of a chat, whose oldest messages may go until it fits.
    private func ids(
        ofChat messages: [ChatMessage], _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> (ids: [Int32], thought: PromptThought) {
        var shortest = try ids(ofWhole: messages, options, in: scope)
        guard options.chat.dropsOldest else { return shortest }
        let limit = min(encoder.limits.tokens, options.chat.mostTokens ?? .max)
        let most = limit - min(max(options.generation.maxNewTokens ?? .max, 1), limit / 4)
        guard shortest.ids.count > most else { return shortest }
        let shorter = ShortenedChats(messages)
        var (index, end) = (0, shorter.count)
        var fitting: (ids: [Int32], thought: PromptThought)?
        while index < end {
            let middle = (index + end) / 2
            let prompt = try ids(ofWhole: shorter[middle], options, in: scope)
            if prompt.ids.count <= most {
                fitting = prompt
                end = middle
            } else {
                shortest = prompt
                index = middle + 1
            }
        }
        return fitting ?? shortest
    }

    private func ids(
        ofWhole messages: [ChatMessage], _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> (ids: [Int32], thought: PromptThought) {
        let prompt = try chats.prompt(of: messages, options.chat, in: scope)
        let ids = try encoder.encode(prompt.input, truncation: nil, addSpecialTokens: false).ids
        return (ids, prompt.thought)
    }

    private func refuseChatOptions(_ options: Options) throws(PipelineError) {
        guard let name = options.chat.given else { return }
        throw PipelineError(.invalidParameter, "parameter \(name): it is for chats, and the input is a text")
    }

    /// - Throws: ``PipelineError`` for ids of tokens that the model does not have.
    package func checkTokens(_ ids: [Int32]) throws(PipelineError) {
        guard let id = ids.first(where: { $0 < 0 || $0 >= encoder.limits.vocabularySize }) else { return }
        throw PipelineError(
            .invalidInputs,
            "the prompt has the token \(id), but the model's vocabulary has \(encoder.limits.vocabularySize); ids have to "
                + "be those of the model's own tokenizer")
    }

    /// The text of a prompt as it is told in front of what goes on with it; empty for a chat.
    package func promptText(_ input: Input) -> String {
        switch input {
        case .text(let prompt): prompt
        case .chat: ""
        case .gap(let gap): gap.prefix
        case .tokens(let ids): encoder.tokenizer.decode(ids, skipSpecialTokens: true)
        }
    }

    private func check(_ messages: [ChatMessage], _ options: Options) throws(PipelineError) {
        guard options.prefix ?? "" == "" else {
            throw PipelineError(.invalidParameter, "parameter prefix: chats have none; use a message of the system")
        }
        if chats.hasResponseTemplate, options.returnFullText ?? true, !options.chat.goesOn(with: messages) {
            throw PipelineError(
                .invalidParameter,
                "parameter return_full_text: the model's response_template, by which the message of an answer is made, "
                    + "is not supported; set it to false for the text of the answer")
        }
    }

    /// Tells whether the text that is generated goes on with that of a prompt of these tokens.
    func goesOn(with ids: [Int32], of input: Input, _ options: Options) -> Bool {
        if case .chat(let messages) = input, !options.chat.goesOn(with: messages) { return false }
        return ids.contains { !encoder.tokenizer.isSpecial($0) }
    }

    /// The text of an answer as it is told.
    func text(_ question: Question, _ options: Options, behind answer: String) -> String {
        options.returnFullText ?? true ? promptText(question.input) + answer : answer
    }

    /// A chat with its answer, if it is told.
    func chat(_ question: Question, _ options: Options, answeredBy answer: String) -> [ChatMessage]? {
        guard case .chat(let messages) = question.input, options.returnFullText ?? true else { return nil }
        guard options.chat.goesOn(with: messages), let last = messages.last else {
            return messages + [ChatMessage(role: "assistant", content: answer)]
        }
        return messages.dropLast() + [last.continued(by: answer)]
    }
}

extension TextGeneration {
    /// True if inputs can be chats.
    package var takesChats: Bool { chats.hasTemplates }

    /// The form in which the model calls tools in answers to chats; nil if it is not known.
    package func toolCallFormat(_ options: ChatOptions = ChatOptions()) -> ToolCallFormat? {
        chats.toolCallFormat(options)
    }

    /// The marks of thoughts in answers to chats; nil if the model is not known to think.
    package func thoughtFormat(_ options: ChatOptions = ChatOptions()) -> ThoughtFormat? {
        chats.thoughtFormat(options)
    }

    /// The tokens around thoughts in answers to chats; nil if the model is not known to think, and if the marks of
    /// thoughts are no tokens.
    ///
    /// - Parameter isOpen: whether the prompt ends with the first mark
    package func thoughtMarks(_ options: ChatOptions = ChatOptions(), isOpen: Bool = false) -> ThoughtMarks? {
        guard let format = thoughtFormat(options), let opener = encoder.tokenizer.id(of: format.opener),
            let closer = encoder.tokenizer.id(of: format.closer), Int(closer) < encoder.limits.vocabularySize
        else { return nil }
        return ThoughtMarks(opener: isOpen ? nil : opener, closer: closer)
    }

    /// The settings of a text with what depends on the thought at the end of its prompt.
    func settings(_ plan: Plan, behind thought: PromptThought) -> GenerationSettings {
        var settings = plan.settings
        guard let marks = thoughtMarks(plan.options.chat, isOpen: thought == .begun) else { return settings }
        settings.thoughtBudget = plan.options.thoughtTokens.map { ThoughtBudget(tokens: $0, marks) }
        if plan.options.tellsThoughtsApart, thought != .ended { settings.thought = marks }
        return settings
    }

    /// The source of the chat template; nil if there is none that can be used.
    ///
    /// - Parameter hasTools: whether it is that for chats with tools
    package func chatTemplate(hasTools: Bool = false) -> String? { chats.source(hasTools: hasTools) }

    /// The text of a token that has a name in the settings of the tokenizer, such as `bos_token`; nil if none has it.
    package func specialToken(_ name: String) -> String? { chats.specialToken(name) }
}
