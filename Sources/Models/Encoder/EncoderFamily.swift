import PenstockCheckpoints
import PenstockCompute

/// What a family of encoders has of its own: what its configuration says, and the names of its weights.
protocol EncoderFamily: Sendable {
    /// What the names of the base model's tensors begin with in checkpoints that have a head.
    var basePrefix: String { get }

    /// Reads config.json.
    init(_ file: ConfigFile) throws(CheckpointError)

    /// The sizes of its layers.
    var shape: EncoderShape { get }

    /// Loads the embeddings.
    ///
    /// - Parameters:
    ///   - base: the tensors of the base model
    ///   - checkpoint: all tensors, for what is tied to a head
    func embeddings(_ base: LayerWeights, checkpoint: LayerWeights) throws(CheckpointError) -> SummedEmbeddings

    /// Loads a layer.
    func layer(_ index: Int, _ base: LayerWeights) throws(CheckpointError) -> any EncoderLayer

    /// Loads the head for a readout, other than the hidden states themselves.
    ///
    /// - Throws: an error that says so if the family has no such head.
    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead
}

/// A layer in two halves: within each sequence, and for each row by itself. Each is called once for a group of tokens.
protocol EncoderLayer: AnyObject, Sendable {
    /// The products of the layer, for what it costs.
    var products: [Linear] { get }

    /// Makes `buffers.context` of the hidden states of a group of sequences.
    ///
    /// - Parameter offsets: where each sequence starts and the last one ends: `[sequences + 1]`
    func attend(_ hidden: Matrix, _ offsets: ArraySlice<Int>, on cpu: CPU, _ buffers: EncoderBuffers)

    /// Makes the layer's output of the context of some rows and their hidden states, in their place.
    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers)
}
