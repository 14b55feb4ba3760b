import PenstockJSON
import PenstockPipelines

/// The field `think` of a request of Ollama, which says whether the model thinks before it answers.
enum OllamaThinking: Sendable, Equatable {
    /// As the chat template has it.
    case asUsual
    case no
    /// It thinks; with a level, as hard as that says.
    case yes(level: String?)

    private static let levels: Set = ["low", "medium", "high"]

    init(_ fields: RequestFields) throws(ClientError) {
        let expected = #"true, false, "low", "medium" or "high""#
        self =
            try fields.value("think", expected) { value in
                switch value {
                case .bool(let thinks): thinks ? .yes(level: nil) : .no
                case .string(let level) where Self.levels.contains(level): .yes(level: level)
                default: nil
                }
            } ?? .asUsual
    }

    /// Tells a chat template of it.
    func write(into options: inout ChatOptions) {
        guard self != .asUsual else { return }
        options.tell(thinking: self != .no)
        if case .yes(let level?) = self { options.variables.append("reasoning_effort", .string(level)) }
    }

    /// The marks of thoughts that are told apart from the answer; nil for an answer that is told as it is.
    ///
    /// - Throws: `ClientError` if the model is to think and does not.
    func format(_ call: GenerationCall, on task: TextGeneration) throws(ClientError) -> ThoughtFormat? {
        var format: ThoughtFormat?
        if case .chat? = call.inputs.first { format = task.thoughtFormat(call.options.chat) }
        switch self {
        case .no: return nil
        // Within a form there is no place for thoughts.
        case .asUsual: return call.options.generation.structure == nil ? format : nil
        case .yes:
            guard let format else {
                throw ClientError(
                    .invalidRequest,
                    "think: the prompt is not one of a chat whose template knows thoughts; leave it out, or set it to "
                        + "false", parameter: "think")
            }
            return call.options.generation.structure == nil ? format : nil
        }
    }
}
