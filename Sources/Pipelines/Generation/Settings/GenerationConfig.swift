import PenstockCheckpoints
import PenstockJSON

/// Reads generation_config.json of a checkpoint.
package enum GenerationConfig {
    /// The name of the file.
    static let name = "generation_config.json"

    /// Returns the settings of a checkpoint: of generation_config.json, or of config.json where there is none.
    ///
    /// - Throws: ``CheckpointError`` for values that a key cannot have, and settings that would change the answers and
    ///   are
    ///   not supported.
    package static func options(of checkpoint: Checkpoint) throws(CheckpointError) -> GenerationOptions {
        guard let file = try checkpoint.configFile(name) else { return try options(checkpoint.config) }
        for key in callArguments where file.has(key) {
            throw file.unsupported(key, "it is an argument of a call of `generate`; take it out of the file")
        }
        return try options(file)
    }

    private static func options(_ file: ConfigFile) throws(CheckpointError) -> GenerationOptions {
        for setting in unsupported {
            guard let value = file[setting.key], !setting.isNeutral(value) else { continue }
            throw file.unsupported(setting.key, setting.remedy)
        }
        let object = JSONObject(file.keys.map { ($0, file[$0] ?? .null) })
        var options = GenerationOptions()
        for key in GenerationOptions.keys {
            do throws(PipelineError) {
                try key.read(object, path: "", into: &options)
            } catch {
                throw CheckpointError(.invalidConfiguration, file: file.path, error.message)
            }
        }
        // As upstream has it, a file that has texts end before they begin is at fault.
        guard options.maxNewTokens != 0 else {
            throw CheckpointError(
                .invalidConfiguration, file: file.path, "parameter max_new_tokens has to be at least 1, not 0")
        }
        return options
    }

    /// Arguments of `generate` that upstream does not load a file with.
    private static let callArguments = [
        "logits_processor", "stopping_criteria", "prefix_allowed_tokens_fn", "synced_gpus", "assistant_model",
        "streamer",
        "negative_prompt_ids", "negative_prompt_attention_mask",
    ]

    /// A key that changes the answers, and is not supported.
    private struct Unsupported: Sendable {
        let key: String
        /// The values with which it changes nothing, beside null.
        var isNeutral: @Sendable (JSONValue) -> Bool = { _ in false }
        var remedy = "take it out of the file"
    }

    private static let unsupported = [
        Unsupported(
            key: "guidance_scale", isNeutral: { $0.double == 1 },
            remedy: "classifier-free guidance needs a second prompt"),
        Unsupported(key: "watermarking_config"),
        Unsupported(key: "constraints"),
        Unsupported(key: "force_words_ids"),
        Unsupported(
            key: "penalty_alpha", isNeutral: { $0.double.map { $0 <= 0 } ?? false }, remedy: "contrastive search"),
        Unsupported(key: "dola_layers"),
        Unsupported(
            key: "num_beam_groups", isNeutral: { $0.integer.map { $0 <= 1 } ?? false }, remedy: "group beam search"),
        Unsupported(key: "token_healing", isNeutral: { $0 == .bool(false) }),
        Unsupported(key: "is_assistant", isNeutral: { $0 == .bool(false) }, remedy: "a model that drafts for another"),
        Unsupported(key: "assistant_ensemble_weight", remedy: "assisted generation with a mixture of two models"),
        Unsupported(key: "max_time", remedy: "requests have deadlines, of a length that the server is told"),
        Unsupported(
            key: "cache_implementation", isNeutral: { $0 != .string("quantized") },
            remedy: "how keys and values are kept is an option of the server"),
    ]
}
