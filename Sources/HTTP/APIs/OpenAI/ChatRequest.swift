import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The body of `POST /v1/chat/completions`.
struct ChatRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let tellsLogprobs: Bool
    private let usage: StreamedUsage
    private let tools: ToolUse
    private let thinking: ChatThinking
    /// The marks of thoughts that are told apart; nil if there are none.
    private var thoughts: ThoughtFormat?
    /// The finder of calls of tools in texts; nil if there are none.
    private var parser: ToolCallParser?

    init(_ fields: RequestFields) throws(ClientError) {
        for name in ["functions", "function_call"] where fields[name] != nil {
            throw fields.unsupported(name, "it has made way for tools and tool_choice")
        }
        let messages = try ChatMessages(fields, "messages").all
        call = GenerationCall(model: try fields.string("model"), [.chat(messages)])
        try call.readOpenAI(fields)
        let lengths = [
            try fields.integer("max_completion_tokens", atLeast: 1), try fields.integer("max_tokens", atLeast: 1),
        ]
        call.options.generation.maxNewTokens = lengths.compactMap(\.self).min() ?? Int(Int32.max)
        call.options.chat = try ChatOptions(fields)
        tools = try ToolUse(fields)
        thinking = try ChatThinking(fields, effort: fields["reasoning_effort"])
        tellsLogprobs = try fields.flag("logprobs")
        let likeliest = try fields.integer("top_logprobs", in: 0...20)
        if likeliest ?? 0 > 0, !tellsLogprobs {
            throw fields.unsupported("top_logprobs", "it needs logprobs to be true")
        }
        call.tellLogprobs(tellsLogprobs ? likeliest ?? 0 : nil)
        usage = try StreamedUsage(fields)
        try Self.refuseOtherMedia(fields)
    }

    private static func refuseOtherMedia(_ fields: RequestFields) throws(ClientError) {
        if let kinds = try fields.texts("modalities"), kinds.contains(where: { $0 != "text" }) {
            throw fields.unsupported("modalities", "answers are texts")
        }
        for name in ["audio", "web_search_options"] where fields[name] != nil {
            throw fields.unsupported(name, "answers are texts of the model alone")
        }
        if try fields.flag("echo") { throw fields.unsupported("echo", "messages are not told again") }
    }

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        parser = try tools.settle(&call, on: task)
        thoughts = try thinking.use.settle(&call, on: task)
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        let reader = AnswerParser(thoughts, parser, answer.head)
        let texts = answer.outputs.joined().map { ($0, reader.parts(of: $0)) }
        writer.object { writer in
            writer.chatHead(GenerationHead.id("chatcmpl-"), "chat.completion", answer.head)
            writer.key("choices")
            writer.array { writer in
                for (index, (text, parts)) in texts.enumerated() {
                    writer.object { write(text, parts, at: index, into: &$0) }
                }
            }
            writer.key("usage")
            writer.usage(answer.summary.facts, thoughtTokens: texts.reduce(0) { $0 + $1.1.thoughtTokens })
            if let promptLogprobs = call.options.generation.promptLogprobs {
                writer.key("prompt_logprobs")
                writer.promptLogprobs(answer.outputs.first?.first?.prompt ?? [], likeliest: promptLogprobs)
            }
            writer.key("system_fingerprint")
            writer.value("penstock-" + PenstockVersion.current)
        }
    }

    private func write(
        _ text: TextGeneration.Generation, _ parts: AnswerParser.Parts, at index: Int, into writer: inout JSONWriter
    ) {
        let (words, calls) = (parts.words, parts.calls)
        writer.key("index")
        writer.value(index)
        writer.key("message")
        writer.object { writer in
            writer.key("role")
            writer.value("assistant")
            writer.key("content")
            writer.value(words.isEmpty && !calls.isEmpty ? JSONValue.null : .string(words))
            if thinking.isTold, !parts.thoughts.isEmpty {
                writer.key("reasoning_content")
                writer.value(parts.thoughts)
            }
            writer.key("refusal")
            writer.null()
            guard !calls.isEmpty else { return }
            writer.key("tool_calls")
            writer.array { writer in
                for call in calls {
                    writer.object { $0.toolCall(GenerationHead.id("call_"), call.name, call.arguments) }
                }
            }
        }
        writer.key("logprobs")
        if tellsLogprobs { writer.chatLogprobs(text.tokens) } else { writer.null() }
        writer.key("finish_reason")
        writer.value(text.end.openAI(hasCalls: !calls.isEmpty))
    }

    func events(_ head: GenerationHead) -> ChatEvents {
        ChatEvents(
            head: head, texts: call.textsPerPrompt, parser: AnswerParser(thoughts, parser, head),
            tellsThoughts: thinking.isTold, tellsLogprobs: tellsLogprobs, tellsUsage: usage.isTold)
    }
}

extension FinishReason {
    /// The reason as chats have it. An answer that was cut is told as cut, also within a call.
    func openAI(hasCalls: Bool) -> String { hasCalls && openAI == "stop" ? "tool_calls" : openAI }
}

extension JSONWriter {
    /// Writes the fields that the answer and the events of a chat begin with.
    mutating func chatHead(_ id: String, _ object: String, _ head: GenerationHead) {
        key("id")
        value(id)
        key("object")
        value(object)
        key("created")
        value(head.created)
        key("model")
        value(head.model)
    }

    /// Writes the fields of a call of a tool.
    ///
    /// - Parameter arguments: JSON text
    mutating func toolCall(_ id: String, _ name: String, _ arguments: String) {
        key("id")
        value(id)
        key("type")
        value("function")
        key("function")
        object { writer in
            writer.key("name")
            writer.value(name)
            writer.key("arguments")
            writer.value(arguments)
        }
    }
}
