import PenstockJSON
import PenstockPipelines

/// The field `thinking` of a request of Anthropic, which says whether the model thinks before it answers, and how much
/// of that is told.
struct MessageThinking: Sendable {
    private enum Mode: Sendable {
        case enabled
        case adaptive
        case disabled
    }

    /// Nil for what the chat template does by itself.
    private let mode: Mode?
    private var use = ThoughtUse()
    /// True if the words of thoughts are told, and not only that there were some.
    let tellsWords: Bool

    init(_ fields: RequestFields) throws(ClientError) {
        let thinking = try fields.section("thinking")
        mode = try thinking.choice("type", ["enabled": Mode.enabled, "adaptive": .adaptive, "disabled": .disabled])
        tellsWords = try thinking.choice("display", ["summarized": true, "omitted": false]) ?? true
        use.wish = mode.map { $0 != .disabled }
        let field = "thinking.budget_tokens"
        use.budget = try thinking.integer("budget_tokens", atLeast: 1).map { (tokens: $0, field: field) }
    }

    /// Tells the chat template of it, and bounds the thoughts.
    ///
    /// - Parameter callIsRequired: whether the answer has to be a call of a tool
    /// - Returns: the marks of thoughts, which are told apart from the answer; nil if there are none.
    /// - Throws: `ClientError` if the model is to think and does not, or cannot be bounded.
    func settle(
        _ call: inout GenerationCall, on task: TextGeneration, callIsRequired: Bool
    ) throws(ClientError) -> ThoughtFormat? {
        if mode == .enabled {
            guard task.thoughtFormat(call.options.chat) != nil else {
                throw Self.error("the model's chat template knows no thoughts; leave it out")
            }
            guard !callIsRequired else {
                throw Self.error("a tool choice that requires a call leaves no place for thoughts; set it to \"auto\"")
            }
        }
        return try use.settle(&call, on: task)
    }

    private static func error(_ reason: String) -> ClientError {
        ClientError(.invalidRequest, "thinking: \(reason)", parameter: "thinking")
    }
}

extension JSONWriter {
    /// Writes the fields of a block of thoughts.
    ///
    /// - Parameter signature: by which clients know a thought that is whole
    mutating func thinking(_ words: String, signature: String) {
        key("type")
        value("thinking")
        key("thinking")
        value(words)
        key("signature")
        value(signature)
    }
}
