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
    /// Tokens of a thought at most; nil for any number.
    private let budget: Int?
    /// True if the words of thoughts are told, and not only that there were some.
    let tellsWords: Bool

    init(_ fields: RequestFields) throws(ClientError) {
        let thinking = try fields.section("thinking")
        mode = try thinking.choice("type", ["enabled": Mode.enabled, "adaptive": .adaptive, "disabled": .disabled])
        budget = try thinking.integer("budget_tokens", atLeast: 1)
        tellsWords = try thinking.choice("display", ["summarized": true, "omitted": false]) ?? true
    }

    /// Tells the chat template of it, and bounds the thoughts.
    ///
    /// - Parameter callIsRequired: whether the answer has to be a call of a tool
    /// - Returns: the marks of thoughts, which are told apart from the answer; nil if there are none.
    /// - Throws: `ClientError` if the model is to think and does not, or cannot be bounded.
    func settle(
        _ call: inout GenerationCall, on task: TextGeneration, callIsRequired: Bool
    ) throws(ClientError) -> ThoughtFormat? {
        let format = task.thoughtFormat(call.options.chat)
        if mode == .enabled {
            guard format != nil else { throw Self.error("the model's chat template knows no thoughts; leave it out") }
            guard !callIsRequired else {
                throw Self.error("a tool choice that requires a call leaves no place for thoughts; set it to \"auto\"")
            }
        }
        // Within a form there is no place for thoughts.
        let mayThink = call.options.generation.structure == nil
        if let mode { call.options.chat.tell(thinking: mode != .disabled && mayThink) }
        guard mayThink, let format else { return nil }
        if format.marksAreSpecial { call.options.skipSpecialTokens = false }
        if mode != .disabled, let budget {
            call.options.thoughtTokens = budget
            guard task.thoughtBudget(call.options) != nil else {
                throw Self.error("the marks of the model's thoughts are no tokens to count by", ".budget_tokens")
            }
        }
        return format
    }

    private static func error(_ reason: String, _ field: String = "") -> ClientError {
        ClientError(.invalidRequest, "thinking\(field): \(reason)", parameter: "thinking" + field)
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
