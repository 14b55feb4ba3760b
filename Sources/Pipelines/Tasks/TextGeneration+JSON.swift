import PenstockJSON

extension TextGeneration: JSONForm {
    package static let options = OptionTable<Options>(
        [
            .flag("return_full_text", \.returnFullText, "Give the prompt before what was generated; true if left out."),
            .flag("details", \.details, "Tell the tokens of each text, and why it ended."),
            .integer("truncate", \.truncate, atLeast: 1, "Tokens of the prompt that are kept, its last ones."),
            .text("prefix", \.prefix, "A text put before each prompt."),
            .flag("skip_special_tokens", \.skipSpecialTokens, "Leave special tokens out of texts."),
            .ineffective("best_of", "Texts of which the best is given: one.", values: [.integer(1)]),
            .ineffective("watermark", "Mark texts as generated: they are not.", values: [.bool(false)]),
            .ineffective("decoder_input_details", "Tell the tokens of the prompt: not told.", values: [.bool(false)]),
        ] + GenerationOptions.options.lifted(to: \.generation))

    package static let schemas: TaskSchemas = {
        let token = JSONSchema.object(
            ["id": .integer, "text": .string, "logprob": JSONSchema.number.orNull, "special": .boolean])
        let details = JSONSchema.object(
            ["finish_reason": .string, "generated_tokens": .integer, "seed": .integer, "tokens": .array(of: token)],
            optional: ["prefill": .array(of: token), "top_tokens": .array(of: .array(of: token))])
        return TaskSchemas(
            input: TaskSchemas.text,
            output: .array(of: .object(["generated_text": .string], optional: ["details": details])))
    }()

    /// Hosted models give what was generated alone.
    package static var hostedDefaults: Options {
        var options = Options()
        options.returnFullText = false
        return options
    }

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> String {
        if value.object?["role"] != nil || value.array?.first?.object?["role"] != nil {
            throw PipelineError(
                .invalidInputs,
                "\(name) is a chat, for which templates are not supported yet; send the prompt as a text")
        }
        return try value.text(named: name)
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
                    writer.value(generation.text)
                    guard options.details else { return }
                    writer.key("details")
                    writer.object { generation.writeDetails(into: &$0) }
                }
            }
        }
    }
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
        writer.array { _ in }
        writer.key("tokens")
        writer.array { writer in
            for token in tokens { token.write(into: &writer) }
        }
        guard tokens.contains(where: { !$0.likeliest.isEmpty }) else { return }
        writer.key("top_tokens")
        writer.array { writer in
            for token in tokens {
                writer.array { writer in
                    for other in token.likeliest { other.write(into: &writer) }
                }
            }
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
