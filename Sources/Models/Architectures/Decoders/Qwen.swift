import PenstockCheckpoints
import PenstockCompute

/// Qwen2 and Qwen3: Llama with biases of queries, keys and values in Qwen2, and norms of the heads of queries and keys in
/// Qwen3.
///
/// Yang et al., "Qwen2 Technical Report" (2024) and "Qwen3 Technical Report" (2025).
struct Qwen: DecoderFamily {
    private let parts: GatedDecoderLayer
    let rotaries: [RotaryScaling]
    let unheededWindows: [String] = []
    var shape: DecoderShape { parts.config.shape }
    var windows: [Visibility] { parts.config.windows }

    init(_ file: ConfigFile) throws(CheckpointError) {
        let isThird = try file.string("model_type") == "qwen3"
        let isWindowed = try file.flag("use_sliding_window", default: false)
        let window = isWindowed ? try file.slidingWindow(default: 4096) : nil
        let first = try file.size("max_window_layers", default: 28, atLeast: 0)
        let config = try GatedDecoderConfig(
            file,
            defaults: GatedDecoderConfig.Defaults(
                vocabSize: 151_936, intermediateSize: 22016, keyHeads: 32,
                headSize: isThird ? 128 : nil, maxPositionEmbeddings: 32768),
            attention: GatedDecoderConfig.Attention(
                layerType: { window != nil && $0 >= first ? .sliding : .full }, window: window))
        let bias = isThird ? try file.flag("attention_bias", default: false) : false
        parts = GatedDecoderLayer(
            config: config, queryBias: isThird ? bias : true, outputBias: bias, hasHeadNorms: isThird)
        rotaries = [try config.rotary(file)]
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        try parts.load(base["layers.\(index)"], rotary: 0, window: parts.config.window(index))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try parts.norm("norm", base))
    }
}
