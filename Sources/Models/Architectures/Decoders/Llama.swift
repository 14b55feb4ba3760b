import PenstockCheckpoints
import PenstockCompute

/// Llama and Mistral, and what has their names, such as SmolLM2: rotary positions, gated feed-forwards, heads that share
/// keys, and root-mean-square norms before the blocks.
///
/// Touvron et al., "LLaMA: Open and Efficient Foundation Language Models" (2023); Jiang et al., "Mistral 7B" (2023).
struct Llama: DecoderFamily {
    private let parts: GatedDecoderLayer
    private let isWindowed: Bool
    let rotaries: [RotaryScaling]
    let unheededWindows: [String]
    var shape: DecoderShape { parts.config.shape }
    var windows: [Visibility] { parts.config.windows }

    init(_ file: ConfigFile) throws(CheckpointError) {
        let isMistral = try file.string("model_type") == "mistral"
        var defaults = GatedDecoderConfig.Defaults()
        var attention = GatedDecoderConfig.Attention()
        if isMistral {
            (defaults.intermediateSize, defaults.keyHeads, defaults.maxPositionEmbeddings) = (14336, 8, 131_072)
            attention.window = try file.slidingWindow(default: 4096)
        }
        unheededWindows = isMistral ? ["attention_chunk_size"] : ["sliding_window", "attention_chunk_size"]
        // All layers of Mistral have a window, or none has one.
        isWindowed = attention.window != nil
        let config = try GatedDecoderConfig(file, defaults: defaults, attention: attention)
        let bias = isMistral ? false : try file.flag("attention_bias", default: false)
        parts = GatedDecoderLayer(
            config: config, queryBias: bias, outputBias: bias,
            feedForwardBias: isMistral ? false : try file.flag("mlp_bias", default: false))
        rotaries = [try config.rotary(file)]
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        try parts.load(base["layers.\(index)"], rotary: 0, window: isWindowed ? 1 : 0)
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try parts.norm("norm", base))
    }
}
