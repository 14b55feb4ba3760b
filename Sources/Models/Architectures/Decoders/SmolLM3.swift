import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// SmolLM3: Llama without positions in some layers.
///
/// Bakouch et al., "SmolLM3: smol, multilingual, long-context reasoner" (2025).
struct SmolLM3: DecoderFamily {
    private let parts: GatedDecoderLayer
    private let hasPositions: [Bool]
    let rotaries: [RotaryScaling]
    let unheededWindows: [String] = []
    var shape: DecoderShape { parts.config.shape }
    var windows: [Visibility] { parts.config.windows }

    init(_ file: ConfigFile) throws(CheckpointError) {
        let layers = try file.size("num_hidden_layers", default: 36, atLeast: 0)
        let hasPositions = try Self.positions(file, layers: layers)
        let window = try file.slidingWindow(default: nil)
        let isWindowed = try file.flag("use_sliding_window", default: false) && window != nil
        let config = try GatedDecoderConfig(
            file,
            defaults: GatedDecoderConfig.Defaults(
                vocabSize: 128_256, hiddenSize: 2048, layers: 36, heads: 16, keyHeads: 4,
                maxPositionEmbeddings: 32768, tieWordEmbeddings: true, padding: 128_004),
            attention: GatedDecoderConfig.Attention(
                layerType: { isWindowed && !hasPositions[$0] ? .sliding : .full }, window: window))
        self.hasPositions = hasPositions
        let bias = try file.flag("attention_bias", default: false)
        parts = GatedDecoderLayer(
            config: config, queryBias: bias, outputBias: bias,
            feedForwardBias: try file.flag("mlp_bias", default: false))
        rotaries = [try config.rotary(file, theta: 2_000_000)]
    }

    /// `no_rope_layers`, which has 1 for a layer with positions, or all but every so many.
    private static func positions(_ file: ConfigFile, layers: Int) throws(CheckpointError) -> [Bool] {
        guard let value = file["no_rope_layers"] else {
            let interval = try file.size("no_rope_layer_interval", default: 4)
            return (0..<layers).map { !($0 + 1).isMultiple(of: interval) }
        }
        let flags = value.array?.compactMap(\.integer) ?? []
        guard flags.count == value.array?.count, flags.count >= layers else {
            throw file.invalid("no_rope_layers", value, "a list of 0 and 1, one for each of \(layers) layers")
        }
        return flags.prefix(layers).map { $0 != 0 }
    }

    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer {
        try parts.load(
            base["layers.\(index)"], rotary: hasPositions[index] ? 0 : nil, window: parts.config.window(index))
    }

    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding {
        DecoderEnding(norm: try parts.norm("norm", base))
    }
}
