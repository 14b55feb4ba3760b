import PenstockJSON

/// An architecture as converters write it: what its tensors are called in checkpoints of `transformers`, what was done to
/// them, and what its keys mean.
struct GGUFArchitecture: Sendable {
    /// A change that converters make of a tensor.
    enum Change: Sendable {
        /// The rows of each head of queries, whose pairs are neighbours instead of halves.
        case neighboursOfQueries
        /// The same of keys.
        case neighboursOfKeys
        /// Queries, keys and values one after the other, which were together for each head.
        case headsTogether
        /// Weights of norms by which the output is multiplied, which were less by 1.
        case plusOne
        /// The table of positions, which began behind the number of the padding token.
        case positionsFromZero
    }

    /// A place that a tensor has in checkpoints.
    struct Place: Sendable {
        /// The name there, without `weight` and `bias`; `#` stands for the number of a layer.
        let name: String
        var change: Change?
        /// True if there may be a bias.
        var hasBias = false
    }

    /// The values of `general.architecture`.
    let name: String
    /// `model_type` of config.json.
    let modelType: String
    /// The class that generates, or makes hidden states.
    let modelClass: String
    /// The class of files that have an output for the ranks of texts, or for other labels.
    var classifierClass: String?
    /// Tells whether a file is of this architecture, of several that have the same name.
    var fits: @Sendable (GGUFSettings) -> Bool = { _ in true }
    /// Tensors by the names of the file, without `weight` and `bias`; `#` stands for the number of a layer.
    let places: [String: Place]
    /// True if weights that `transformers` stores as `[inputs, outputs]` are `[outputs, inputs]`.
    var hasOutputsFirst = false
    /// The names of settings that ``settings`` reads, beside those that all have.
    var keys: Set<String> = []
    /// Returns the settings of config.json beside those that all have.
    let settings: @Sendable (GGUFSettings) throws(CheckpointError) -> [(String, JSONValue)]

    /// The settings that all have, by the words of config.json.
    private static let commonKeys: Set<String> = [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.head_count_kv",
    ]

    /// The architecture of a file; nil if it is not supported.
    static func of(_ file: GGUFSettings) -> GGUFArchitecture? {
        all.first { $0.name == file.architecture && $0.fits(file) }
    }

    /// The architectures that are supported.
    static let all = [
        llama, smollm3, qwen2, qwen3, gemma, gemma2, gemma3, phi3, gpt2, bloom, gptneox, roberta, bert, nomicBert,
    ]

    /// The names of those, as a list for messages.
    static var names: String {
        var names: [String] = []
        for architecture in all where !names.contains(architecture.name) { names.append(architecture.name) }
        return names.joined(separator: ", ")
    }

    /// The settings that config.json would have.
    func config(_ file: GGUFSettings) throws(CheckpointError) -> JSONObject {
        try file.refuseOthers(than: keys.union(Self.commonKeys))
        let ownClass = file.hasTensor(Self.classifier) ? classifierClass : nil
        var entries: [(String, JSONValue)] = [
            ("model_type", .string(modelType)), ("architectures", .array([.string(ownClass ?? modelClass)])),
            ("tie_word_embeddings", .bool(!file.hasTensor("output.weight"))),
        ]
        if let size = file.vocabularySize { entries.append(("vocab_size", .integer(size))) }
        for (name, key) in [("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id")] {
            if let id = try file.tokenID(name) { entries.append((key, .integer(id))) }
        }
        return JSONObject(entries + (try settings(file)))
    }

    /// The name of a tensor in checkpoints, and what was done to it; nil if the architecture has no such tensor.
    func place(of tensor: String) -> (name: String, change: Change?)? {
        var parts = tensor.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return nil }
        let kind = parts.removeLast()
        var layer: String?
        if parts.count == 3, parts[0] == "blk" {
            guard let number = Int(parts[1]), number >= 0, String(number) == parts[1] else { return nil }
            layer = parts[1]
            parts[1] = "#"
        }
        guard let place = places[parts.joined(separator: ".")] else { return nil }
        guard kind == "weight" || kind == "bias" && place.hasBias else { return nil }
        let pieces = place.name.split(separator: "#", omittingEmptySubsequences: false)
        return ("\(pieces.joined(separator: layer ?? "#")).\(kind)", place.change)
    }

    /// The output of a classifier.
    static let classifier = "cls.output.weight"

    /// Tensors that settings are read from, or that hold nothing that is not known.
    static let settingsTensors: Set<String> = [
        "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight",
    ]
}
