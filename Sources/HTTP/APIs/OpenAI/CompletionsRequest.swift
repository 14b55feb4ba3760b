import PenstockJSON
import PenstockPipelines

/// The body of `POST /v1/completions`.
struct CompletionsRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let echoes: Bool
    /// The number of likeliest tokens that are told at each place; nil for no probabilities.
    private let logprobs: Int?
    /// The number of those that the field for the prompt tells; nil if it is not there.
    private let promptLogprobs: Int?
    private let usage: StreamedUsage
    /// The prompts where they are told in front of texts; empty if not.
    private var prompts: [EchoedPrompt] = []

    init(_ fields: RequestFields) throws(ClientError) {
        call = GenerationCall(model: try fields.string("model"), try Self.inputs(fields))
        try call.readOpenAI(fields)
        (echoes, usage) = (try fields.flag("echo"), try StreamedUsage(fields))
        // With nothing to tell there is nothing to ask for.
        call.options.generation.maxNewTokens = try fields.integer("max_tokens", atLeast: echoes ? 0 : 1) ?? 16
        if try !fields.flag("add_special_tokens", default: true) {
            throw fields.unsupported("add_special_tokens", "texts have special tokens; send the ids of their tokens")
        }
        logprobs = try fields.integer("logprobs", in: 0...5)
        promptLogprobs = call.options.generation.promptLogprobs
        if echoes, let logprobs { call.options.generation.promptLogprobs = max(logprobs, promptLogprobs ?? 0) }
        call.tellLogprobs(logprobs)
        try readBestOf(fields)
    }

    private static func inputs(_ fields: RequestFields) throws(ClientError) -> [TextGeneration.Input] {
        let prompts = try fields.textsOrTokens("prompt")
        if let suffix = try fields.string("suffix"), !suffix.isEmpty {
            guard prompts.count == 1, case .text(let prefix)? = prompts.first, try !fields.flag("echo") else {
                throw fields.unsupported("suffix", "it stands behind one prompt that is a text and not told again")
            }
            return [.gap(TextGap(prefix: prefix, suffix: suffix))]
        }
        return prompts.map { prompt in
            switch prompt {
            case .text(let text): .text(text)
            case .tokens(let ids): .tokens(ids)
            }
        }
    }

    private mutating func readBestOf(_ fields: RequestFields) throws(ClientError) {
        guard let best = try fields.integer("best_of", in: 1...128) else { return }
        let told = call.textsPerPrompt
        guard best >= told else { throw fields.unsupported("best_of", "it has to be at least n, which is \(told)") }
        guard best > told else { return }
        guard !call.isStreamed else {
            throw fields.unsupported("best_of", "which text is the best is known in the end alone; do not stream it")
        }
        call.options.bestOf = best
    }

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        for case .tokens(let ids) in call.inputs {
            do throws(PipelineError) {
                try task.checkTokens(ids)
            } catch {
                throw ClientError(.invalidRequest, "prompt: \(error.message)", parameter: "prompt")
            }
        }
        try call.settleGaps(on: task, field: "suffix")
        prompts = call.inputs.map { echoes ? EchoedPrompt($0, of: task) : EchoedPrompt() }
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.completionHead(GenerationHead.id("cmpl-"), answer.head)
            writer.key("choices")
            writer.array { writer in
                var index = 0
                for (prompt, texts) in zip(prompts, answer.outputs) {
                    for text in texts {
                        writer.object { write(text, behind: prompt, at: index, into: &$0) }
                        index += 1
                    }
                }
            }
            writer.key("usage")
            writer.usage(answer.summary.facts)
        }
    }

    private func write(
        _ text: TextGeneration.Generation, behind prompt: EchoedPrompt, at index: Int, into writer: inout JSONWriter
    ) {
        writer.key("text")
        writer.value(prompt.text + text.text)
        writer.key("index")
        writer.value(index)
        writer.key("logprobs")
        if let logprobs {
            var lists = CompletionLogprobs(behind: prompt, likeliest: logprobs)
            lists.append(prompt: echoes ? text.prompt : [], text.tokens)
            lists.take(into: &writer)
        } else {
            writer.null()
        }
        writer.key("finish_reason")
        writer.value(text.end.openAI)
        guard let promptLogprobs else { return }
        writer.key("prompt_logprobs")
        writer.promptLogprobs(text.prompt, likeliest: promptLogprobs)
    }

    func events(_ head: GenerationHead) -> CompletionEvents {
        CompletionEvents(
            head: head, prompts: prompts, textsPerPrompt: call.textsPerPrompt, logprobs: logprobs,
            tellsUsage: usage.isTold)
    }
}

extension JSONWriter {
    /// Writes the fields that the answer and the events of a completion begin with.
    mutating func completionHead(_ id: String, _ head: GenerationHead) {
        key("id")
        value(id)
        key("object")
        value("text_completion")
        key("created")
        value(head.created)
        key("model")
        value(head.model)
    }
}
