import PenstockJSON

extension TextGeneration.Input {
    /// Its size: that of one text, and the bytes of what users wrote.
    package var textSize: TextSize {
        switch self {
        case .text(let prompt): TextSize(of: [prompt])
        case .chat(let messages):
            TextSize(count: 1, bytes: messages.reduce(0) { $0 + JSONValue.object($1.fields).textSize.bytes })
        }
    }
}

extension TextGeneration {
    /// The tokens of a prompt, or of that of a chat.
    func ids(of input: Input, _ options: Options, in scope: RequestScope) throws(PipelineError) -> [Int32] {
        switch input {
        case .text(let prompt):
            if let name = options.chat.given {
                throw PipelineError(.invalidParameter, "parameter \(name): it is for chats, and the input is a text")
            }
            return try encoder.encode(.text((options.prefix ?? "") + prompt), truncation: nil).ids
        case .chat(let messages):
            try check(messages, options)
            let prompt = try chats.prompt(of: messages, options.chat, in: scope)
            return try encoder.encode(prompt.input, truncation: nil, addSpecialTokens: false).ids
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

    /// The text of an answer as it is told.
    func text(_ question: Question, _ options: Options, behind answer: String) -> String {
        guard case .text(let prompt) = question.input, options.returnFullText ?? true else { return answer }
        return prompt + answer
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
