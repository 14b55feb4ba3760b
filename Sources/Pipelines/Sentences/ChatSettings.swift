import PenstockCheckpoints
import PenstockJSON

/// The settings by which a Transformer module makes chats of its inputs, for a chat template.
struct ChatSettings: Sendable {
    /// A form of the content of a message.
    enum Form: String, Sendable {
        /// A text.
        case flat
        /// A list of parts.
        case structured
    }

    /// The form of messages; nil for the one that the template reads.
    private(set) var form: Form?
    /// True if the prompt ends with the beginning of an answer.
    private(set) var beginsAnswer = false
    /// True if a chat that is cut keeps what the template puts behind its last message.
    private(set) var keepsEnd = true
    /// More variables of the template.
    private(set) var variables = JSONObject()

    /// The defaults, of a checkpoint without modules.
    init() {}

    /// Reads sentence_bert_config.json; nil if it does not say that the model takes chats.
    init?(_ file: ConfigFile) throws(CheckpointError) {
        guard let message = try file.section("modality_config")?.section("message") else { return nil }
        if let name = try message.string("format"), name != "auto" {
            guard let form = Form(rawValue: name) else {
                throw message.unsupported("format", "it has to be \"flat\", \"structured\" or \"auto\"")
            }
            self.form = form
        }
        guard let arguments = try file.section("processing_kwargs")?.section("chat_template") else { return }
        for key in arguments.keys {
            switch key {
            case "add_generation_prompt": beginsAnswer = try arguments.flag(key, default: false)
            case "restore_suffix": keepsEnd = try arguments.flag(key, default: true)
            case _ where ChatOptions.reserved.contains(key) || Self.ofTokenizers.contains(key):
                throw arguments.unsupported(key, "drop it")
            default: variables.append(key, arguments[key] ?? .null)
            }
        }
    }

    /// The arguments that are no variables of the template.
    private static let ofTokenizers: Set = [
        "max_length", "padding", "processor_kwargs", "return_assistant_tokens_mask", "return_dict", "return_tensors",
        "sanitize_control_tokens", "tokenize", "tokenizer_kwargs", "truncation",
    ]

    /// Stands in a template that reads the parts of a message, as upstream guesses.
    private static let signsOfParts = ["content[0]", ".type", "'type'", "\"type\"", "item.type", "message.content["]

    /// The form of messages for a template; nil for none.
    func form(of template: String?) -> Form {
        if let form { return form }
        guard let template, !template.isEmpty else { return .structured }
        return Self.signsOfParts.contains { template.contains($0) } ? .structured : .flat
    }
}
