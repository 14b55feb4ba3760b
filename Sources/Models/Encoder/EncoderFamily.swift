import PenstockCheckpoints
import PenstockCompute

/// A family of encoders, which has a configuration and names of weights of its own.
protocol EncoderFamily: Sendable {
    /// The prefixes that the names of the base model's tensors have in checkpoints that have a head; the first that is
    /// there counts.
    var basePrefixes: [String] { get }

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

    /// Loads the layers, from the first to the last; a layer may stand in several places.
    func layers(_ base: LayerWeights) throws(CheckpointError) -> [any EncoderLayer]

    /// Loads the norm behind the last layer; nil if there is none.
    func finalNorm(_ base: LayerWeights) throws(CheckpointError) -> LayerNorm?

    /// Loads the head for a readout, other than the hidden states themselves.
    ///
    /// - Throws: an error that says so if the family has no such head.
    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> EncoderHead
}

extension EncoderFamily {
    func finalNorm(_ base: LayerWeights) throws(CheckpointError) -> LayerNorm? { nil }

    /// A layer for each of the shape's, by its number.
    func eachLayer(
        _ load: (_ index: Int) throws(CheckpointError) -> any EncoderLayer
    ) throws(CheckpointError) -> [any EncoderLayer] {
        var layers: [any EncoderLayer] = []
        for index in 0..<shape.layers { layers.append(try load(index)) }
        return layers
    }
}

/// A layer in two halves: within each sequence, and for each row by itself. Each is called once for a group of tokens.
protocol EncoderLayer: AnyObject, Sendable {
    /// The attention within each sequence.
    var attention: SelfAttention { get }

    /// The products of the layer, for what it costs.
    var products: [Linear] { get }

    /// Makes the context of a group of sequences of its hidden states.
    func attend(_ group: SequenceGroup, on cpu: CPU)

    /// Makes the layer's output of the context of some rows and their hidden states, in their place.
    func finish(_ context: Matrix, _ hidden: Matrix, on cpu: CPU, _ buffers: EncoderBuffers)
}
