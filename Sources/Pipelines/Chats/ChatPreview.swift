import PenstockJSON

extension TextGeneration {
    /// The options of a prompt that is only looked at.
    private struct PreviewOptions: TaskOptions {
        var chat = ChatOptions()
        /// True if it ends with the beginning of an answer.
        var addGenerationPrompt = true

        static let table = OptionTable<PreviewOptions>(
            [
                .flag(
                    "add_generation_prompt", \.addGenerationPrompt,
                    "End with the beginning of an answer, unless the model goes on with the last message.")
            ] + ChatOptions.table.lifted(to: \.chat))
    }

    /// Shows the prompt of a chat: `{"prompt", "tokens"}`, of which the latter is their number.
    ///
    /// - Parameters:
    ///   - parameters: those of chats, and `add_generation_prompt`
    ///   - scope: asked while the template is rendered
    /// - Throws: ``PipelineError`` for what the template refuses, and for an answer that would be too large.
    package func preview(
        _ chat: JSONValue, parameters: JSONObject, in scope: RequestScope
    ) throws(PipelineError) -> [UInt8] {
        let options = try PreviewOptions.table.parse(parameters)
        guard let elements = chat.array else {
            throw PipelineError(.invalidInputs, "messages has to be a chat: a list of objects with role and content")
        }
        let prompt = try chats.prompt(
            of: ChatMessage.list(elements, named: "messages"), options.chat,
            beginningAnswer: options.addGenerationPrompt, in: scope)
        try scope.check()
        let tokens = try encoder.encode(prompt.input, truncation: nil, addSpecialTokens: false).ids.count
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("prompt")
            writer.value(prompt.text)
            writer.key("tokens")
            writer.value(tokens)
        }
        try scope.require(answerBytes: writer.bytes.count)
        return writer.finish()
    }
}
