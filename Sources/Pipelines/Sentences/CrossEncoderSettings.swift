import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// The settings that the files of a cross-encoder of sentence-transformers have beside the model's own.
struct CrossEncoderSettings: Sendable {
    /// The activation of the model's output; nil for what its number of labels stands for.
    private(set) var activation: Activation?
    /// The settings by which the Transformer reads texts.
    private(set) var transformer = TransformerSettings()
    /// True for a checkpoint of `transformers` without modules. As upstream, pairs are chats then if its chat template takes
    /// them; where upstream fails since it does not, they are pairs if the model has a head for sequences.
    let isBare: Bool
    /// The prompts of the checkpoint, and the one that counts if a request names none.
    let prompts: SentenceConfiguration

    /// - Parameters:
    ///   - directory: holds modules.json, if any
    ///   - checkpoint: the Transformer's own
    ///   - given: prompts above those of the checkpoint
    /// - Throws: `CheckpointError` for what would change scores and is not supported, and ``PipelineError`` for prompts
    ///   that make no sense.
    init(directory: String, _ checkpoint: Checkpoint, with given: SentencePrompts) throws {
        let modules = try SentenceModules(directory: directory)
        isBare = modules == nil && checkpoint.gguf == nil
        prompts = try SentenceConfiguration(
            directory: modules == nil ? nil : directory, of: .crossEncoder, with: given)
        if let modules {
            let scoresTokens = modules.kinds.first == LogitScore.kind
            if let kind = modules.kinds.dropFirst(scoresTokens ? 1 : 0).first {
                throw CheckpointError(
                    .invalidConfiguration, file: "\(directory)/modules.json",
                    "the module \(kind) behind the Transformer is not supported in a cross-encoder")
            }
            transformer = try TransformerSettings(
                directory: checkpoint.origin, for: scoresTokens ? .tokenScores : .scores)
            if let file = try Checkpoint.configFile(Self.file, in: directory) {
                activation = try file.torchActivation("activation_fn")
            }
        }
        if activation == nil { activation = try Self.activation(checkpoint.config) }
    }

    private static let file = "config_sentence_transformers.json"

    /// Returns the activation that config.json names: under the key of version 4 and later, else under that of older
    /// ones.
    private static func activation(_ config: ConfigFile) throws(CheckpointError) -> Activation? {
        if let section = try config.section(key), section.has("activation_fn") {
            return try section.torchActivation("activation_fn")
        }
        return try config.torchActivation(oldKey)
    }

    private static let key = "sentence_transformers"
    private static let oldKey = "sbert_ce_default_activation_function"

    /// Returns true if a checkpoint says that it is a cross-encoder: with modules.json in the file beside that, and else in
    /// config.json.
    static func areThere(directory: String, hasModules: Bool, _ config: ConfigFile) throws(CheckpointError) -> Bool {
        guard hasModules else { return config.has(key) || config.has(oldKey) }
        return try Checkpoint.configFile(file, in: directory)?.string("model_type")
            == SentenceConfiguration.ModelType.crossEncoder.rawValue
    }
}
