import PenstockCheckpoints
import PenstockCompute

/// Phi-3: Llama with fused projections, a share of whose heads' numbers may be turned.
///
/// Abdin et al., "Phi-3 Technical Report: A Highly Capable Language Model Locally on Your Phone" (2024).
struct Phi3: DecoderFamily {
    private let parts: GatedDecoderLayer
    private let isWindowed: Bool
    let rotaries: [RotaryScaling]
    let unheededWindows = ["attention_chunk_size"]
    var shape: DecoderShape { parts.config.shape }
    var windows: [Visibility] { parts.config.windows }

    init(_ file: ConfigFile) throws(CheckpointError) {
        let window = try file.slidingWindow(default: nil)
        isWindowed = window != nil
        let config = try GatedDecoderConfig(
            file,
            defaults: GatedDecoderConfig.Defaults(
                vocabSize: 32064, hiddenSize: 3072, intermediateSize: 8192, maxPositionEmbeddings: 4096, epsilon: 1e-5,
                padding: 32000),
            attention: GatedDecoderConfig.Attention(window: window))
        parts = GatedDecoderLayer(config: config, isFused: true)
        let angles = try file.angles()
        let rotary = try RotaryScaling(
            file,
            RotaryScaling.Source(
                parameters: angles, headSize: config.shape.heads.headSize,
                positions: config.shape.longestSequence, original: 4096,
                // The first of its files call it so.
                types: ["su": "longrope", "yarn": "longrope"]))
        rotaries = [rotary]
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        try parts.load(base["layers.\(index)"], rotary: 0, window: isWindowed ? 1 : 0)
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try parts.norm("norm", base))
    }
}
