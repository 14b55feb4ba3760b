import PenstockJSON
import PenstockPipelines

/// What a request says about the thoughts of a model.
///
/// A dialect reads one of its fields, and has it settle its ``GenerationCall`` once the tools have. With the marks that
/// come of it an ``AnswerParser`` tells thoughts apart.
struct ThoughtUse: Sendable {
    /// True if the model is to think before it answers, false if not; nil for what the chat template does by itself.
    var wish: Bool?
    /// The most tokens of a thought, and the field that says so; nil for any number.
    var budget: (tokens: Int, field: String)?
    /// True if thoughts are told apart from the answer.
    var isToldApart = true

    /// Tells the chat template of it, and bounds the thoughts.
    ///
    /// A form is one of the answer behind the thoughts. If their marks are no tokens, there are none beside a form.
    ///
    /// - Returns: the marks of thoughts that are told apart; nil if there are none.
    /// - Throws: `ClientError` if thoughts are to have a bound, and their marks are no tokens.
    func settle(_ call: inout GenerationCall, on task: TextGeneration) throws(ClientError) -> ThoughtFormat? {
        guard case .chat? = call.inputs.first else { return nil }
        let format = task.thoughtFormat(call.options.chat)
        let hasMarks = task.thoughtMarks(call.options.chat) != nil
        let hasForm = call.options.generation.structure != nil
        let mayThink = !hasForm || hasMarks && isToldApart && wish != false
        if let wish { call.options.chat.tell(thinking: wish && mayThink) }
        guard mayThink, isToldApart, let format else { return nil }
        call.options.tellsThoughtsApart = true
        if format.marksAreSpecial { call.options.skipSpecialTokens = false }
        if let budget, wish != false {
            guard hasMarks else {
                throw ClientError(
                    .invalidRequest, "\(budget.field): the marks of the model's thoughts are no tokens to count by",
                    parameter: budget.field)
            }
            call.options.thoughtTokens = budget.tokens
        }
        return format
    }
}

extension ChatOptions {
    /// Tells a chat template whether the model is to think. Templates of families know it by variables of different names.
    mutating func tell(thinking: Bool) {
        for name in ["enable_thinking", "thinking"] { variables.append(name, .bool(thinking)) }
    }
}

extension JSONObject {
    /// Adds the thought that led to the message of the assistant whose fields they are, by each of the names under which
    /// chat templates look for it.
    mutating func append(thought: String) {
        guard !thought.isEmpty else { return }
        for name in Self.thoughtNames where self[name] == nil { append(name, .string(thought)) }
    }

    /// The thought among the fields of a message, by whichever name it has.
    var thought: String? { Self.thoughtNames.lazy.compactMap { self[$0]?.string }.first { !$0.isEmpty } }

    private static let thoughtNames = ["reasoning_content", "reasoning", "thinking"]
}
