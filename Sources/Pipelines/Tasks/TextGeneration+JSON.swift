import PenstockJSON

extension TextGeneration: JSONForm {
    package static let options = OptionTable<Options>(
        [
            .flag("return_full_text", \.returnFullText, "Give the prompt before what was generated; true if left out."),
            .flag("details", \.details, "Tell the tokens of each text, and why it ended."),
            .integer("truncate", \.truncate, atLeast: 1, "Tokens of the prompt that are kept, its last ones."),
            .text("prefix", \.prefix, "A text put before each prompt."),
            .flag("skip_special_tokens", \.skipSpecialTokens, "Leave special tokens out of texts."),
            .integer(
                "top_n_tokens", atLeast: 0, fallback: nil, "The same as logprobs, which details tell as top_tokens."
            ) { $0.generation.logprobs = $1 },
            .integer(
                "best_of", atLeast: 1, atMost: mostDrawn, fallback: nil,
                "Texts that are drawn, of which the likeliest on average are given."
            ) { $0.bestOf = $1 },
            .ineffective("watermark", "Mark texts as generated: they are not.", values: [.bool(false)]),
            .flag("decoder_input_details", \.tellsPrompt, "Tell the tokens of the prompt: prompt_logprobs of 0."),
        ] + ChatOptions.table.lifted(to: \.chat) + GenerationOptions.options.lifted(to: \.generation))

    package static let schemas: TaskSchemas = {
        let token = JSONSchema.object(
            ["id": .integer, "text": .string, "logprob": JSONSchema.number.orNull, "special": .boolean])
        let details = JSONSchema.object(
            ["finish_reason": .string, "generated_tokens": .integer, "seed": .integer, "tokens": .array(of: token)],
            optional: [
                "prefill": .array(of: token), "prefill_top_tokens": .array(of: .array(of: token)),
                "top_tokens": .array(of: .array(of: token)),
            ])
        let chat = JSONSchema.array(of: .object(["role": .string], optional: ["content": .anything]))
        return TaskSchemas(
            input: .any(of: TaskSchemas.text, chat.described(as: "A chat.")),
            output: .array(of: .object(["generated_text": .any(of: .string, chat)], optional: ["details": details])))
    }()

    /// Hosted models give what was generated alone, with the space between the prompt and it.
    package static var hostedDefaults: Options {
        var options = Options()
        options.returnFullText = false
        options.keepsFirstSpace = true
        return options
    }

    /// A list of objects is one chat.
    package static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        if inputs.isChat { nesting.isList = false }
        return nesting
    }

    /// A chat is one text.
    package static func textSize(of inputs: JSONValue) -> TextSize {
        func size(_ value: JSONValue) -> TextSize {
            value.isChat ? TextSize(count: 1, bytes: value.textSize.bytes) : value.textSize
        }
        guard !inputs.isChat, let elements = inputs.array else { return size(inputs) }
        return elements.reduce(into: TextSize()) { sum, element in
            let size = size(element)
            sum.count += size.count
            sum.bytes += size.bytes
        }
    }

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        guard value.isChat, let elements = value.array else {
            return .text(try value.text(named: name, expected: "a text or a chat"))
        }
        return .chat(try ChatMessage.list(elements, named: name.description))
    }

    /// Writes the texts of a prompt, as a list.
    package static func write(
        _ generations: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try writer.array { (writer) throws(PipelineError) in
            for generation in generations {
                try scope.check()
                writer.object { writer in
                    writer.key("generated_text")
                    if let chat = generation.chat {
                        writer.array { for message in chat { $0.value(.object(message.fields)) } }
                    } else {
                        writer.value(generation.text)
                    }
                    guard options.tellsTokens else { return }
                    writer.key("details")
                    writer.object { generation.writeDetails(into: &$0) }
                }
            }
        }
    }
}

extension JSONValue {
    /// True for a list of objects, which is a chat.
    fileprivate var isChat: Bool { array?.first?.object != nil }
}

extension TextGeneration.Generation {
    fileprivate func writeDetails(into writer: inout JSONWriter) {
        writer.key("finish_reason")
        writer.value(finishReason)
        writer.key("generated_tokens")
        writer.value(tokens.count)
        writer.key("seed")
        writer.value(Int(truncatingIfNeeded: seed))
        writer.key("prefill")
        writer.tokens(prompt)
        writer.likeliest(of: prompt, named: "prefill_top_tokens")
        writer.key("tokens")
        writer.tokens(tokens)
        writer.likeliest(of: tokens, named: "top_tokens")
    }
}

extension JSONWriter {
    fileprivate mutating func tokens(_ tokens: [TextGeneration.Generation.Token]) {
        array { writer in
            for token in tokens { token.write(into: &writer) }
        }
    }

    /// Writes a list for each token of those that were likeliest at its place, if that was asked for.
    fileprivate mutating func likeliest(of tokens: [TextGeneration.Generation.Token], named name: String) {
        guard tokens.contains(where: { !$0.likeliest.isEmpty }) else { return }
        key(name)
        array { writer in
            for token in tokens { writer.tokens(token.likeliest) }
        }
    }
}

extension TextGeneration.Generation.Token {
    /// Writes `{"id", "text", "logprob", "special"}`.
    func write(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(id)
            writer.key("text")
            writer.value(text)
            writer.key("logprob")
            if let logprob, logprob.isFinite { writer.value(logprob) } else { writer.null() }
            writer.key("special")
            writer.value(isSpecial)
        }
    }
}
