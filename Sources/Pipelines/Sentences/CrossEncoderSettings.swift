import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// The settings that the files of a cross-encoder of sentence-transformers have beside the model's own.
struct CrossEncoderSettings: Sendable {
    /// The activation of the model's output; nil for what its number of labels stands for.
    private(set) var activation: Activation?
    /// The settings by which the Transformer reads texts.
    private(set) var transformer = TransformerSettings()

    /// - Parameters:
    ///   - directory: holds modules.json, if any
    ///   - checkpoint: the Transformer's own
    /// - Throws: `CheckpointError` for what would change scores and is not supported.
    init(directory: String, _ checkpoint: Checkpoint) throws(CheckpointError) {
        if let modules = try SentenceModules(directory: directory) {
            if let kind = modules.kinds.first {
                throw CheckpointError(
                    .invalidConfiguration, file: "\(directory)/modules.json",
                    "the module \(kind) behind the Transformer is not supported in a cross-encoder")
            }
            transformer = try TransformerSettings(directory: checkpoint.origin, for: .scores)
            if let file = try Checkpoint.configFile(Self.file, in: directory) { try read(file) }
        }
        if activation == nil { activation = try Self.activation(checkpoint.config) }
    }

    private static let file = "config_sentence_transformers.json"

    private mutating func read(_ file: ConfigFile) throws(CheckpointError) {
        if let type = try file.string("model_type"), type != Self.modelType {
            throw file.unsupported("model_type", "texts are ranked by a \(Self.modelType)")
        }
        if file["default_prompt_name"] != nil {
            throw file.unsupported("default_prompt_name", "cross-encoders have no prompts here; drop it")
        }
        activation = try file.torchActivation("activation_fn")
    }

    /// Returns the activation that config.json names: under the key of version 4 and later, else under that of older
    /// ones.
    private static func activation(_ config: ConfigFile) throws(CheckpointError) -> Activation? {
        if let section = try config.section(key), section.has("activation_fn") {
            return try section.torchActivation("activation_fn")
        }
        return try config.torchActivation(oldKey)
    }

    private static let modelType = "CrossEncoder"
    private static let key = "sentence_transformers"
    private static let oldKey = "sbert_ce_default_activation_function"

    /// Returns true if a checkpoint says that it is a cross-encoder: with modules.json in the file beside that, and else in
    /// config.json.
    static func areThere(directory: String, hasModules: Bool, _ config: ConfigFile) throws(CheckpointError) -> Bool {
        guard hasModules else { return config.has(key) || config.has(oldKey) }
        return try Checkpoint.configFile(file, in: directory)?.string("model_type") == modelType
    }
}
