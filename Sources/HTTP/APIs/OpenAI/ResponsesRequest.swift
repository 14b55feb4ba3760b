import PenstockJSON
import PenstockPipelines

/// The body of `POST /v1/responses`. Nothing is kept of it: what goes before has to be part of the input.
struct ResponsesRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let tools: ResponseTools
    /// The part of the request that the answer tells again.
    let told: Told
    private let thinking: ChatThinking
    /// The marks of thoughts that are told apart; nil if there are none.
    private var thoughts: ThoughtFormat?
    /// The finder of calls of tools in the text; nil if there are none.
    private var parser: ToolCallParser?

    /// The fields of a request that its answer has, too: as they came, but for tools that are left out.
    struct Told: Sendable {
        fileprivate(set) var fields: [(name: String, value: JSONValue)] = []
    }

    init(_ fields: RequestFields) throws(ClientError) {
        for refusal in Self.refusals where !(fields[refusal.name].map(refusal.neutral.contains) ?? true) {
            throw fields.unsupported(refusal.name, refusal.reason)
        }
        call = GenerationCall(model: try fields.string("model"), [.chat(try Self.messages(fields))])
        try call.readOpenAI(fields)
        call.textsPerPrompt = 1
        call.options.generation.maxNewTokens =
            try fields.integer("max_output_tokens", atLeast: 1) ?? Int(Int32.max)
        call.options.chat = try ChatOptions(fields)
        let effort = try fields.section("reasoning")["effort"]
        if let effort { call.options.chat.variables.append("reasoning_effort", effort) }
        thinking = try ChatThinking(fields, effort: effort ?? fields["reasoning_effort"])
        if let structure = try fields.section("text").section("format").responseFormat() {
            call.options.generation.structure = structure
        }
        call.options.chat.dropsOldest = try fields.choice("truncation", ["auto": true, "disabled": false]) ?? false
        tools = try ResponseTools(fields)
        told = Told(fields, tools: tools.inForce)
    }

    /// The messages: those of the input, behind the instructions.
    private static func messages(_ fields: RequestFields) throws(ClientError) -> [ChatMessage] {
        let instructions = try fields.string("instructions").map { ChatMessage(role: "system", content: $0) }
        return [instructions].compactMap(\.self) + (try ResponsesInput(fields, "input").messages)
    }

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        parser = try tools.use.settle(&call, on: task)
        thoughts = try thinking.use.settle(&call, on: task)
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        var response = ResponseObject(told: told, head: answer.head)
        if let text = answer.outputs.first?.first {
            let parts = AnswerParser(thoughts, parser, answer.head).parts(of: text)
            if thinking.isTold, !parts.thoughts.isEmpty { response.items.append(.text(.thought, parts.thoughts)) }
            if !parts.words.isEmpty { response.items.append(.text(.message, parts.words)) }
            for call in parts.calls { response.items.append(.call(call, of: tools.origin(of: call))) }
            // An answer without words is a message all the same.
            if response.items.isEmpty { response.items.append(.text(.message, "")) }
            response.end(text.end, answer.summary.facts, thoughtTokens: parts.thoughtTokens)
        }
        response.write(into: &writer)
    }

    func events(_ head: GenerationHead) -> ResponseEvents {
        ResponseEvents(
            ResponseObject(told: told, head: head), parser: AnswerParser(thoughts, parser, head),
            tellsThoughts: thinking.isTold, tools: tools)
    }

    /// A field of which only some values can be done.
    private struct Refusal: Sendable {
        let name: String
        var neutral: [JSONValue] = []
        let reason: String
    }

    private static let stateless = "answers are not kept; send all that goes before as input"

    private static let refusals = [
        Refusal(name: "previous_response_id", reason: stateless),
        Refusal(name: "conversation", reason: stateless),
        Refusal(name: "background", neutral: [.bool(false)], reason: "answers are given to those who wait for them"),
        Refusal(name: "prompt", reason: "there are no prompts to refer to"),
        Refusal(name: "top_logprobs", neutral: [.integer(0)], reason: "probabilities are not told in this API"),
        Refusal(name: "context_management", reason: stateless),
    ]
}

extension ResponsesRequest.Told {
    fileprivate init(_ given: RequestFields, tools: [JSONValue]) {
        func add(_ name: String, _ fallback: JSONValue) { fields.append((name, given[name] ?? fallback)) }
        add("instructions", .null)
        add("max_output_tokens", .null)
        add("metadata", .object(JSONObject()))
        add("parallel_tool_calls", .bool(true))
        add("temperature", .null)
        add("text", .object(JSONObject([("format", .object(JSONObject([("type", .string("text"))])))])))
        add("tool_choice", .string("auto"))
        fields.append(("tools", .array(tools)))
        add("top_p", .null)
        add("truncation", .string("disabled"))
    }
}
