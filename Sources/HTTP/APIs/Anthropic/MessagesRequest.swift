import PenstockJSON
import PenstockPipelines

/// The body of `POST /v1/messages`, as Anthropic has it, and of `/v1/messages/count_tokens`, which asks for no answer.
struct MessagesRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let tools: ToolUse
    private let thinking: MessageThinking
    /// The marks of thoughts that are told apart; nil if there are none.
    private var thoughts: ThoughtFormat?
    /// The parser that finds calls of tools in the text; nil if there are none.
    private var parser: ToolCallParser?

    /// - Parameter isAnswered: whether it has to say how long an answer may be
    init(_ fields: RequestFields, isAnswered: Bool = true) throws(ClientError) {
        call = GenerationCall(
            model: try fields.string("model"), [.chat(try AnthropicMessages(fields).all)])
        let most = try fields.integer("max_tokens", atLeast: 1)
        call.options.generation.maxNewTokens =
            isAnswered ? try fields.require(most, "max_tokens", "an integer of at least 1") : most
        call.options.generation.temperature = try fields.number("temperature", in: 0...1)
        call.options.fallback.temperature = 1
        call.options.fallback.topK = 0
        try fields.read(
            ["top_k": "top_k", "top_p": "top_p", "stop_sequences": "stop_strings"], into: &call.options.generation)
        call.isStreamed = try fields.flag("stream")
        tools = try ToolUse(anthropic: fields)
        thinking = try MessageThinking(fields)
        try readOutput(fields)
    }

    /// Reads the form of the answer, which was a field of its own before it was one of `output_config`, and the effort,
    /// which templates of models that know it take.
    private mutating func readOutput(_ fields: RequestFields) throws(ClientError) {
        let output = try fields.section("output_config")
        let former = try fields.section("output_format").responseFormat()
        call.options.generation.structure = try output.section("format").responseFormat() ?? former
        if let effort = try output.string("effort") {
            call.options.chat.variables.append("reasoning_effort", .string(effort))
        }
    }

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        parser = try tools.settle(&call, on: task)
        thoughts = try thinking.settle(&call, on: task, callIsRequired: tools.requiresCall)
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        let text = answer.outputs.first?.first
        let parts = AnswerParser(thoughts, parser, answer.head).parts(of: text)
        let end = MessageEnd(text?.end, at: text?.stopString, hasCalls: !parts.calls.isEmpty)
        writer.object { writer in
            writer.message(GenerationHead.id("msg_"), model: answer.head.model) { writer in
                if !parts.thoughts.isEmpty {
                    let told = thinking.tellsWords ? parts.thoughts : ""
                    writer.object { $0.thinking(told, signature: GenerationHead.id("sig_")) }
                }
                if !parts.words.isEmpty || (parts.calls.isEmpty && parts.thoughts.isEmpty) {
                    writer.object { writer in
                        writer.key("type")
                        writer.value("text")
                        writer.key("text")
                        writer.value(parts.words)
                    }
                }
                for call in parts.calls {
                    writer.object { $0.toolUse(call.name, input: call.argumentsObject ?? JSONObject()) }
                }
            }
            writer.fields(of: end)
            writer.key("usage")
            writer.object { writer in
                writer.key("input_tokens")
                writer.value(answer.summary.facts.promptTokens)
                writer.key("output_tokens")
                writer.value(answer.summary.facts.generatedTokens)
            }
        }
    }

    func events(_ head: GenerationHead) -> MessageEvents {
        MessageEvents(head, AnswerParser(thoughts, parser, head), tellsThoughts: thinking.tellsWords)
    }
}

/// The reason that a message ended, as Anthropic has it.
struct MessageEnd: Sendable {
    let reason: String
    /// The text at which it ended, if it is one that the request has named.
    let stopSequence: String?

    init(_ end: FinishReason?, at stopString: String?, hasCalls: Bool) {
        stopSequence = stopString
        reason =
            switch end {
            case .length, .deadline, nil: "max_tokens"
            case .eosToken, .stopSequence:
                hasCalls ? "tool_use" : stopString == nil ? "end_turn" : "stop_sequence"
            }
    }
}

extension JSONWriter {
    /// Writes the fields that a message begins with.
    ///
    /// - Parameter content: writes its blocks
    mutating func message(_ id: String, model: String, content: (inout JSONWriter) -> Void) {
        key("id")
        value(id)
        key("type")
        value("message")
        key("role")
        value("assistant")
        key("model")
        value(model)
        key("content")
        array(content)
    }

    /// Writes the fields of the call of a tool.
    mutating func toolUse(_ name: String, input: JSONObject) {
        key("type")
        value("tool_use")
        key("id")
        value(GenerationHead.id("toolu_"))
        key("name")
        value(name)
        key("input")
        value(.object(input))
    }

    /// Writes `stop_reason` and `stop_sequence`, which are null of a message that goes on.
    mutating func fields(of end: MessageEnd?) {
        key("stop_reason")
        value(end.map { JSONValue.string($0.reason) } ?? .null)
        key("stop_sequence")
        value(end?.stopSequence.map(JSONValue.string) ?? .null)
    }
}
