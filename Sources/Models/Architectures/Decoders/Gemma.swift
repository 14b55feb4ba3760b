import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// Gemma 1 to 3: scaled embeddings, norms by 1 + weight; from Gemma 2 on norms of the blocks' outputs, layers with windows,
/// and limits of scores and logits; in Gemma 3 norms of the heads of queries and keys, and other angles in windows.
///
/// "Gemma: Open Models Based on Gemini Research and Technology" (2024), "Gemma 2: Improving Open Language Models at a
/// Practical Size" (2024), "Gemma 3 Technical Report" (2025).
struct Gemma: DecoderFamily {
    private let parts: GatedDecoderLayer
    let rotaries: [RotaryScaling]
    let unheededWindows: [String]
    var shape: DecoderShape { parts.config.shape }
    var windows: [Visibility] { parts.config.windows }

    init(_ file: ConfigFile) throws(CheckpointError) {
        switch try file.string("model_type") {
        case "gemma": self = try Gemma(first: file)
        case "gemma2": self = try Gemma(second: file)
        default: self = try Gemma(third: file)
        }
    }

    private init(parts: GatedDecoderLayer, rotaries: [RotaryScaling], unheededWindows: [String] = []) {
        (self.parts, self.rotaries, self.unheededWindows) = (parts, rotaries, unheededWindows)
    }

    private init(first file: ConfigFile) throws(CheckpointError) {
        // Files that say "gelu" mean its approximation.
        let isLegacy = try file.string("hidden_act") == "gelu"
        let config = try GatedDecoderConfig(
            file,
            defaults: GatedDecoderConfig.Defaults(
                vocabSize: 256_000, hiddenSize: 3072, intermediateSize: 24576, layers: 28, heads: 16, keyHeads: 16,
                headSize: 256, maxPositionEmbeddings: 8192,
                activation: (key: "hidden_act", name: "gelu_pytorch_tanh"),
                knownActivation: isLegacy ? .geluTanh : nil, tieWordEmbeddings: true, padding: 0))
        self.init(
            parts: try Self.parts(config, file), rotaries: [try config.rotary(file)],
            unheededWindows: ["sliding_window", "attention_chunk_size"])
    }

    private init(second file: ConfigFile) throws(CheckpointError) {
        let config = try GatedDecoderConfig(
            file, defaults: Self.secondDefaults(vocabSize: 256_000, maxPositionEmbeddings: 8192),
            attention: GatedDecoderConfig.Attention(
                scale: try Self.scale(file), softcap: try file.softcap("attn_logit_softcapping", default: 50),
                layerType: { $0.isMultiple(of: 2) ? .sliding : .full }, window: try file.slidingWindow(default: 4096)),
            logitSoftcap: try file.softcap("final_logit_softcapping", default: 30))
        var parts = try Self.parts(config, file)
        parts.hasOutputNorms = true
        self.init(parts: parts, rotaries: [try config.rotary(file)])
    }

    private init(third file: ConfigFile) throws(CheckpointError) {
        let pattern = try file.size("sliding_window_pattern", default: 6)
        let config = try GatedDecoderConfig(
            file, defaults: Self.secondDefaults(vocabSize: 262_208, maxPositionEmbeddings: 131_072),
            attention: GatedDecoderConfig.Attention(
                scale: try Self.scale(file),
                layerType: { ($0 + 1).isMultiple(of: pattern) ? .full : .sliding },
                window: try file.slidingWindow(default: 4096), mayBeBidirectional: true),
            logitSoftcap: try file.softcap("final_logit_softcapping", default: nil))
        var parts = try Self.parts(config, file)
        (parts.hasOutputNorms, parts.hasHeadNorms) = (true, true)
        let parameters = try file.section("rope_parameters")
        try parameters?.checkRotaryForm(byType: true)
        let scaling = try file.section("rope_scaling")
        func rotary(
            _ own: ConfigFile?, _ theta: (key: String, default: Double)
        ) throws(CheckpointError) -> RotaryScaling {
            try file.requireWholeHeads(own)
            // Upstream reads it beside the types of layers, where nobody writes it.
            try own?.require("truncate", [.bool(true)], "the bounds of angles are whole numbers; take it out")
            return try RotaryScaling(
                file,
                RotaryScaling.Source(
                    parameters: own, theta: theta, headSize: config.shape.heads.headSize,
                    positions: config.shape.longestSequence))
        }
        let (full, sliding) = (
            try parameters?.section(AttentionType.full.rawValue),
            try parameters?.section(AttentionType.sliding.rawValue)
        )
        if let scaling {
            // Upstream puts its keys among those of the layers that see all, which have a `rope_type` already.
            if full != nil { throw file.unsupported("rope_scaling", "write it into rope_parameters.full_attention") }
            if scaling["rope_type"] == nil {
                try scaling.require("type", [.string("default")], "upstream reads rope_type alone; call it that")
            }
        }
        self.init(
            parts: parts,
            rotaries: [
                // In old files the scaling is that of the layers that see all.
                try rotary(scaling ?? full, ("rope_theta", 1_000_000)),
                try rotary(sliding, ("rope_local_base_freq", 10_000)),
            ])
    }

    private static func secondDefaults(
        vocabSize: Int, maxPositionEmbeddings: Int
    ) -> GatedDecoderConfig.Defaults {
        GatedDecoderConfig.Defaults(
            vocabSize: vocabSize, hiddenSize: 2304, intermediateSize: 9216, layers: 26, heads: 8, keyHeads: 4,
            headSize: 256, maxPositionEmbeddings: maxPositionEmbeddings,
            activation: (key: "hidden_activation", name: "gelu_pytorch_tanh"), tieWordEmbeddings: true,
            padding: 0)
    }

    private static func scale(_ file: ConfigFile) throws(CheckpointError) -> Float {
        let scalar = try file.magnitude("query_pre_attn_scalar", default: 256)
        guard scalar > 0 else {
            throw file.invalid("query_pre_attn_scalar", .double(scalar), "more than 0")
        }
        return Float(1 / scalar.squareRoot())
    }

    private static func parts(_ config: GatedDecoderConfig, _ file: ConfigFile) throws(CheckpointError)
        -> GatedDecoderLayer
    {
        let bias = try file.flag("attention_bias", default: false)
        return GatedDecoderLayer(config: config, queryBias: bias, outputBias: bias, addsOne: true)
    }

    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings {
        DecoderEmbeddings(words: words, scale: Float(shape.hiddenSize).squareRoot())
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        let window = parts.config.window(index)
        return try parts.load(
            base["layers.\(index)"], rotary: rotaries.count > 1 ? window : 0, window: window)
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try parts.norm("norm", base))
    }
}
