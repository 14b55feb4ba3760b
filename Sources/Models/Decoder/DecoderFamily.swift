import PenstockCheckpoints
import PenstockCompute

/// The part that a family of decoders has of its own: what its configuration says, and the names of its weights.
protocol DecoderFamily: Sendable {
    /// The beginnings of the names of the base model's tensors in checkpoints that have a head; the first that is there
    /// counts.
    var basePrefixes: [String] { get }

    /// The names of the tensor of words in the base model, and of the head that makes logits.
    var wordName: String { get }
    var headNames: [String] { get }

    /// Reads config.json.
    init(_ file: ConfigFile) throws(CheckpointError)

    /// The sizes of its layers.
    var shape: DecoderShape { get }

    /// The rotations of queries and keys by positions. Layers name them by their index.
    var rotaries: [RotaryScaling] { get }

    /// The windows that the queries of layers see. Layers name windows by their index.
    var windows: [Visibility] { get }

    /// The keys of windows that its layers do not have, and that upstream heeds nevertheless when it generates.
    var unheededWindows: [String] { get }

    /// Loads what is added to words, or done with them, before the first layer.
    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings

    /// Loads a layer by its number.
    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> DecoderLayer

    /// Loads what is behind the last layer.
    func ending(_ base: LayerWeights) throws(CheckpointError) -> DecoderEnding
}

extension DecoderFamily {
    var basePrefixes: [String] { ["model"] }
    var wordName: String { "embed_tokens" }
    var headNames: [String] { ["lm_head"] }
    var rotaries: [RotaryScaling] { [] }
    var windows: [Visibility] { [.past] }
    var unheededWindows: [String] { ["sliding_window", "attention_chunk_size"] }

    func embeddings(of words: WordTable, _ base: LayerWeights) throws(CheckpointError) -> DecoderEmbeddings {
        DecoderEmbeddings(words: words)
    }
}

/// The steps from the last layer's hidden states to those that a head reads: projection(norm(x)), each of which may be
/// missing.
struct DecoderEnding: Sendable {
    var norm: NormLayer?
    /// `[E, H]`
    var projection: Linear?
}
