import PenstockJSON
import PenstockPipelines

/// The body of `POST /api/chat` and of `POST /api/generate`.
struct OllamaRequest: GenerationDialect {
    /// The field in which the text of an answer is.
    enum Form: Sendable {
        /// `message`, which has a role.
        case message
        /// `response`, a text.
        case response
    }

    let form: Form
    let model: OllamaModel
    private(set) var call: GenerationCall
    private let tools: ToolUse
    /// The prompt as a chat, for a model that takes chats; empty if it is to be taken as it is.
    private let chat: [ChatMessage]
    private let hasSystem: Bool
    private let thinking: OllamaThinking
    /// The marks of thoughts that are told apart; nil if there are none.
    private var thoughts: ThoughtFormat?
    /// The parser that finds calls of tools in the text; nil if there are none.
    private var parser: ToolCallParser?

    /// True if nothing is asked, but that the model be loaded.
    var isEmpty: Bool { call.inputs.isEmpty }

    /// A request for the answer to a chat.
    init(chat fields: RequestFields) throws(ClientError) {
        form = .message
        model = try fields.ollamaModel()
        let messages = try fields.ollamaMessages()
        call = GenerationCall(model: model.name, messages.isEmpty ? [] : [.chat(messages)])
        try call.readOllama(fields)
        thinking = try OllamaThinking(fields)
        tools = try ToolUse(fields)
        (chat, hasSystem) = ([], false)
    }

    /// A request to go on with a prompt, or to answer it as a message of a user.
    init(prompt fields: RequestFields) throws(ClientError) {
        form = .response
        model = try fields.ollamaModel()
        try fields.refuseImages()
        for (name, reason) in Self.refused {
            guard let value = fields[name], value.string?.isEmpty != true, value.array?.isEmpty != true else {
                continue
            }
            throw fields.unsupported(name, reason)
        }
        let (prompt, system) = (try fields.string("prompt") ?? "", try fields.string("system") ?? "")
        let suffix = try fields.string("suffix") ?? ""
        call = GenerationCall(model: model.name, prompt.isEmpty ? [] : [.text(prompt)])
        if !suffix.isEmpty { call.inputs = [.gap(TextGap(prefix: prompt, suffix: suffix))] }
        try call.readOllama(fields)
        thinking = try OllamaThinking(fields)
        tools = ToolUse()
        hasSystem = !system.isEmpty
        let isRaw = try fields.flag("raw")
        if isRaw || !suffix.isEmpty, hasSystem {
            throw fields.unsupported("system", "a raw prompt has none, and neither has one with a suffix")
        }
        let first = hasSystem ? [ChatMessage(role: "system", content: system)] : []
        chat = isRaw || !suffix.isEmpty ? [] : first + [ChatMessage(role: "user", content: prompt)]
    }

    private static let refused: KeyValuePairs<String, String> = [
        "template": "the templates are those of the model",
        "context": "what was said before is not kept; send it as messages to /api/chat",
    ]

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        if !chat.isEmpty, task.takesChats {
            call.inputs = [.chat(chat)]
        } else if form == .response {
            guard !hasSystem else {
                throw ClientError(
                    .invalidRequest, "system: the model has no chat template that would take it", parameter: "system")
            }
        }
        try call.settleGaps(on: task, field: "suffix")
        parser = try tools.settle(&call, on: task)
        thoughts = try thinking.settle(&call, on: task)
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        let text = answer.outputs.first?.first
        let parts = AnswerParser(thoughts, parser, answer.head).parts(of: text)
        var part = OllamaPart(words: parts.words, thoughts: parts.thoughts, calls: parts.calls)
        if tellsTokens { part.tokens = text?.tokens ?? [] }
        let line = OllamaLine(form, model: model.asked ?? answer.head.model)
        line.write(part, end: (text?.end, answer.summary), into: &writer)
    }

    private var tellsTokens: Bool { call.options.generation.logprobs != nil }

    func events(_ head: GenerationHead) -> OllamaEvents {
        OllamaEvents(
            OllamaLine(form, model: model.asked ?? head.model), AnswerParser(thoughts, parser, head),
            tellsTokens: tellsTokens)
    }
}
