import PenstockFiles
import PenstockJSON

/// A GGUF file, or several of one model, as a checkpoint of `transformers`: its tensors under their names there, and what
/// its files of settings would say.
package struct GGUFCheckpoint: Sendable {
    /// The path of the file, the first of several.
    package let file: String
    /// The settings that config.json would have.
    let config: ConfigFile
    /// The settings of the other files, by their names.
    private let settings: [String: ConfigFile]
    /// The tensors, under their names in a checkpoint.
    let tensors: [Tensor]
    /// The key-value pairs.
    package let metadata: JSONObject
    /// The pooling of hidden states into a vector for a text; nil if the file does not say it.
    package let pooling: GGUFPooling?
    /// True if weights that `transformers` stores as `[inputs, outputs]` are `[outputs, inputs]`.
    let hasOutputsFirst: Bool
    /// The bytes of the header, of which the vocabulary is the most.
    package let headerBytes: Int

    /// True if some of the tensors are stored in blocks.
    package var hasBlocks: Bool { tensors.contains { $0.blocks != nil } }

    /// Opens a file, and those that belong to it.
    init(file path: String) throws(CheckpointError) {
        file = path
        let parts = try GGUFParts(path: path)
        let pairs = ConfigFile(path: path, object: parts.first.metadata)
        try Self.requireModel(pairs)
        let name = try pairs.string("general.architecture") ?? ""
        let settings = GGUFSettings(pairs, architecture: name, tensors: parts.tensors)
        guard let architecture = GGUFArchitecture.of(settings) else {
            throw CheckpointError(
                .invalidConfiguration, file: path,
                "general.architecture is \(JSONValue.string(name).excerpt), which is not supported; supported are: "
                    + GGUFArchitecture.names)
        }
        config = ConfigFile(path: path, object: try architecture.config(settings))
        self.settings = [
            "config.json": config,
            "generation_config.json": ConfigFile(path: path, object: try GGUFGeneration(settings).object),
            "tokenizer_config.json": ConfigFile(path: path, object: try Self.tokenizerConfig(pairs)),
        ]
        pooling = try GGUFPooling(settings)
        tensors = try Self.restored(parts.tensors, of: architecture, settings)
        metadata = parts.first.metadata
        headerBytes = parts.first.headerBytes
        hasOutputsFirst = architecture.hasOutputsFirst
    }

    /// Refuses files of other things, such as adapters and projectors of pictures.
    private static func requireModel(_ pairs: ConfigFile) throws(CheckpointError) {
        guard let type = try pairs.string("general.type"), type != "model" else { return }
        throw pairs.unsupported("general.type", "it is no model")
    }

    /// The contents of a file of settings; nil for one that there would not be.
    func configFile(_ name: String) -> ConfigFile? { settings[name] }

    /// The templates of chats, and the tokens that they may use.
    private static func tokenizerConfig(_ pairs: ConfigFile) throws(CheckpointError) -> JSONObject {
        let key = "tokenizer.chat_template"
        var templates: [(name: String, template: JSONValue)] = []
        if let template = try pairs.string(key) { templates.append(("default", .string(template))) }
        for name in pairs["tokenizer.chat_templates"]?.array?.compactMap(\.string) ?? [] {
            if let template = try pairs.string("\(key).\(name)") { templates.append((name, .string(template))) }
        }
        var entries: [(String, JSONValue)] = []
        if templates.count > 1 {
            let list = templates.map { JSONObject([("name", .string($0.name)), ("template", $0.template)]) }
            entries.append(("chat_template", .array(list.map(JSONValue.object))))
        } else if let only = templates.first {
            entries.append(("chat_template", only.template))
        }
        let tokens = pairs["tokenizer.ggml.tokens"]?.array ?? []
        for (name, key) in [
            ("bos", "bos_token"), ("eos", "eos_token"), ("unknown", "unk_token"), ("padding", "pad_token"),
        ] {
            guard let id = pairs["tokenizer.ggml.\(name)_token_id"]?.integer, tokens.indices.contains(id) else {
                continue
            }
            entries.append((key, tokens[id]))
        }
        return JSONObject(entries)
    }

    private static func restored(
        _ stored: [Tensor], of architecture: GGUFArchitecture, _ settings: GGUFSettings
    ) throws(CheckpointError) -> [Tensor] {
        let heads = try settings.sizeOfAllLayers("attention.head_count")
        let keyHeads = try settings.sizeOfAllLayers("attention.head_count_kv", default: heads)
        var tensors: [Tensor] = []
        for tensor in stored where !GGUFArchitecture.settingsTensors.contains(tensor.name) {
            guard let place = architecture.place(of: tensor.name) else {
                throw CheckpointError(
                    .unfitTensor, file: tensor.file,
                    "tensor \(tensor.name) is unknown in models of the architecture \(architecture.name)")
            }
            tensors.append(
                place.change == .positionsFromZero
                    ? tensor.behind(rows: try settings.positionOffset(), place.name)
                    : try tensor.restored(place.name, place.change, heads: (heads, keyHeads)))
        }
        return tensors
    }
}
