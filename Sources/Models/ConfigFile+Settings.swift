import PenstockCheckpoints
import PenstockJSON

extension ConfigFile {
    /// Refuses settings of config.json that would change the answers and are not heeded, and what upstream does not load.
    ///
    /// - Parameter honoured: the keys that the model reads. None of them may be null.
    /// - Throws: an error that names the key, its value, and what it has to be.
    package func checkSettings(honoured: [String]) throws(CheckpointError) {
        try refuseNull(honoured)
        for setting in Self.settings where !honoured.contains(setting.key) {
            guard let value = self[setting.key], !setting.neutral.contains(value) else { continue }
            throw invalid(setting.key, value, setting.expected)
        }
        for (key, kind) in Self.kinds where !honoured.contains(key) && has(key) {
            let value = self[key] ?? .null
            guard kind.contains(value) else { throw invalid(key, value, kind.rawValue) }
        }
    }

    /// A setting that upstream heeds in models of many families.
    private struct Setting: Sendable {
        let key: String
        /// The values with which a model is as if it were not there, beside null.
        var neutral: [JSONValue] = []
        /// The remedy that errors name.
        let expected: String
    }

    /// Settings that change a model's answers, or what its weights are.
    private static let settings = [
        Setting(
            key: "add_cross_attention", neutral: [.bool(false)],
            expected: "false: models that read what an encoder makes are not supported"),
        Setting(
            key: "configuration_files", neutral: [.array([]), .array([.string("config.json")])],
            expected: "null: give the file for the newest version the name config.json"),
        Setting(
            key: "is_decoder", neutral: [.bool(false)],
            expected: "false: models of this model_type are supported as encoders"),
        Setting(
            key: "per_layer_config", neutral: [.object(JSONObject())], expected: "null: all layers have to be alike"),
        Setting(key: "position_embedding_type", neutral: [.string("absolute")], expected: "\"absolute\""),
        Setting(
            key: "quantization_config",
            expected: "null: quantised weights are not supported; take the checkpoint that they were made of"),
        Setting(
            key: "transformers_weights", neutral: [.string("model.safetensors")],
            expected: "null: give the file of the weights the name model.safetensors"),
    ]

    /// A kind of value of a key that has no effect on the answers.
    private enum Kind: String, Sendable {
        case flag = "true or false"
        case number = "a number"
        case numberOrNull = "a number or null"
        case idOrNull = "an integer or null"
        case idsOrNull = "an integer, a list of integers or null"

        func contains(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.flag, .bool), (.number, .integer), (.number, .double): true
            case (.numberOrNull, .integer), (.numberOrNull, .double), (.numberOrNull, .null): true
            case (.idOrNull, .integer), (.idOrNull, .null), (.idsOrNull, .integer), (.idsOrNull, .null): true
            case (.idsOrNull, .array(let ids)): ids.allSatisfy { if case .integer = $0 { true } else { false } }
            default: false
            }
        }
    }

    /// Upstream checks the types of these, too, and does not load a model that has others.
    private static let kinds: KeyValuePairs<String, Kind> = [
        "attention_probs_dropout_prob": .number, "bos_token_id": .idOrNull, "classifier_dropout": .numberOrNull,
        "eos_token_id": .idsOrNull, "hidden_dropout_prob": .number, "initializer_range": .number,
        "pad_token_id": .idOrNull, "use_cache": .flag,
    ]
}
