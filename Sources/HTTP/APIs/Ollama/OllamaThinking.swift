import PenstockJSON
import PenstockPipelines

/// The field `think` of a request of Ollama, which says whether the model thinks before it answers, and how hard.
struct OllamaThinking: Sendable {
    private var use = ThoughtUse()
    private let level: String?

    private static let levels: Set = ["low", "medium", "high"]

    init(_ fields: RequestFields) throws(ClientError) {
        let think = try fields.value("think", #"true, false, "low", "medium" or "high""#) { value in
            value.bool != nil || Self.levels.contains(value.string ?? "") ? value : nil
        }
        level = think?.string
        use.wish = think.map { $0.bool ?? true }
        use.isToldApart = use.wish != false
    }

    /// Tells the chat template of it.
    ///
    /// - Returns: the marks of thoughts that are told apart from the answer; nil for an answer that is told as it is.
    /// - Throws: `ClientError` if the model is to think and does not.
    func settle(_ call: inout GenerationCall, on task: TextGeneration) throws(ClientError) -> ThoughtFormat? {
        if use.wish == true {
            guard case .chat? = call.inputs.first, task.thoughtFormat(call.options.chat) != nil else {
                throw ClientError(
                    .invalidRequest,
                    "think: the prompt is not one of a chat whose template knows thoughts; leave it out, or set it to "
                        + "false", parameter: "think")
            }
        }
        if let level { call.options.chat.variables.append("reasoning_effort", .string(level)) }
        return try use.settle(&call, on: task)
    }
}
