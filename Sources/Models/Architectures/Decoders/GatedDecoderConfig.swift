import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// The settings that config.json of Llama and its relatives has in the same words.
struct GatedDecoderConfig: Sendable {
    let shape: DecoderShape
    let activation: Activation
    let epsilon: Double
    /// The tokens that queries see, by the types of layers.
    let layerTypes: [AttentionType]
    let windows: [Visibility]

    /// The values that a family has for keys that config.json lacks.
    struct Defaults {
        var vocabSize = 32000
        var hiddenSize = 4096
        var intermediateSize = 11008
        var layers = 32
        var heads = 32
        /// If the file does not say it; null stands for as many as heads, and so does nil.
        var keyHeads: Int?
        /// Nil for the heads' share of the hidden state.
        var headSize: Int?
        var maxPositionEmbeddings = 2048
        var activation = (key: "hidden_act", name: "silu")
        /// The function if the file names it otherwise; nil to read it.
        var knownActivation: Activation?
        var epsilon = 1e-6
        var tieWordEmbeddings = false
        /// The token of padding; nil for none.
        var padding: Int32?
    }

    /// The settings of attention that a family has in words of its own.
    struct Attention {
        /// The factor of query–key products; nil for 1/√headSize.
        var scale: Float?
        var softcap: Float?
        /// Returns the type of the layer of a number if `layer_types` is not there.
        var layerType: @Sendable (Int) -> AttentionType = { _ in .full }
        /// The tokens of a window, the query's own included; nil if layers with a window see the past.
        var window: Int?
        /// True if `use_bidirectional_attention` is heeded.
        var mayBeBidirectional = false
    }

    /// The keys that must have a value if they are there.
    private static let keys = [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings", "is_causal",
    ]

    init(
        _ file: ConfigFile, defaults: Defaults, attention: Attention = Attention(), logitSoftcap: Float? = nil
    ) throws(CheckpointError) {
        try file.checkDecoderSettings(
            honoured: Self.keys + [defaults.activation.key],
            optional: attention.mayBeBidirectional ? ["use_bidirectional_attention"] : [])
        let hiddenSize = try file.size("hidden_size", default: defaults.hiddenSize)
        let heads = try file.size("num_attention_heads", default: defaults.heads)
        let keyHeads = try file.size(
            "num_key_value_heads", default: file.has("num_key_value_heads") ? heads : defaults.keyHeads ?? heads)
        guard heads.isMultiple(of: keyHeads) else {
            throw file.invalid(
                "num_key_value_heads", .integer(keyHeads), "a divisor of num_attention_heads, \(heads)")
        }
        let share = defaults.headSize ?? hiddenSize / heads
        guard share > 0 else {
            throw file.invalid("num_attention_heads", .integer(heads), "at most hidden_size, \(hiddenSize)")
        }
        let headSize = try file.size("head_dim", default: share)
        epsilon = try file.magnitude("rms_norm_eps", default: defaults.epsilon)
        activation =
            if let known = defaults.knownActivation {
                known
            } else {
                try file.activation(defaults.activation.key, default: defaults.activation.name)
            }
        let layers = try file.size("num_hidden_layers", default: defaults.layers, atLeast: 0)
        layerTypes = try file.layerTypes(layers: layers, fallback: attention.layerType)
        windows = try Self.windows(attention, file)
        shape = DecoderShape(
            vocabSize: try file.size("vocab_size", default: defaults.vocabSize), hiddenSize: hiddenSize, layers: layers,
            heads: GroupedHeads(
                heads: heads, keyHeads: keyHeads, headSize: headSize,
                scale: attention.scale ?? 1 / Float(headSize).squareRoot(), softcap: attention.softcap),
            intermediateSize: try file.size("intermediate_size", default: defaults.intermediateSize), isGated: true,
            longestSequence: try file.size("max_position_embeddings", default: defaults.maxPositionEmbeddings),
            tieWordEmbeddings: try file.flag("tie_word_embeddings", default: defaults.tieWordEmbeddings),
            logitSoftcap: logitSoftcap, labels: try file.labelCount(),
            padding: file.paddingToken(default: defaults.padding))
    }

    /// The visibility of layers that see all, and of those with a window.
    private static func windows(
        _ attention: Attention, _ file: ConfigFile
    ) throws(CheckpointError) -> [Visibility] {
        let isCausal = try file.flag("is_causal", default: true)
        let isBidirectional = try file.flag("use_bidirectional_attention", default: false)
        guard !isCausal || isBidirectional else {
            return [.past, attention.window.map { .window(before: $0 - 1, behind: 0) } ?? .past]
        }
        // To both sides of a query as many as the window has, or, where `use_bidirectional_attention` says so, half of
        // them; one more where both do (`create_bidirectional_sliding_window_mask` and `Gemma3TextConfig` of
        // `transformers`).
        let reach = attention.window.map { isBidirectional ? $0 / 2 + (isCausal ? 0 : 1) : $0 }
        return [.everything, reach.map { .window(before: $0, behind: $0) } ?? .everything]
    }

    /// The window of a layer.
    func window(_ layer: Int) -> Int { layerTypes[layer] == .sliding ? 1 : 0 }

    /// The angles that `rope_parameters` and, in old files, `rope_scaling` say.
    func rotary(_ file: ConfigFile, theta: Double = 10_000) throws(CheckpointError) -> RotaryScaling {
        let angles = try file.angles()
        try file.requireWholeHeads(angles)
        return try RotaryScaling(
            file,
            RotaryScaling.Source(
                parameters: angles, theta: ("rope_theta", theta), headSize: shape.heads.headSize,
                positions: shape.longestSequence))
    }
}

extension ConfigFile {
    /// The tokens of `sliding_window`; nil if it is null.
    func slidingWindow(default fallback: Int?) throws(CheckpointError) -> Int? {
        guard self["sliding_window"] != nil else { return has("sliding_window") ? nil : fallback }
        return try size("sliding_window")
    }

    /// A number above 0 that limits another; nil if it is null.
    func softcap(_ key: String, default fallback: Double?) throws(CheckpointError) -> Float? {
        guard self[key] != nil else { return has(key) ? nil : fallback.map { Float($0) } }
        return Float(try positive(key))
    }
}
