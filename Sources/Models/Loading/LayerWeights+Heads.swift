import PenstockCheckpoints
import PenstockCompute

extension LayerWeights {
    /// A layer of a head, which is stored a step wider than the encoder: its outputs are answers.
    ///
    /// - Parameter outputs: nil for as many as inputs
    func headLinear(_ name: String, _ inputs: Int, outputs: Int? = nil) throws(CheckpointError) -> Linear {
        try linear(name, inputs: inputs, outputs: outputs ?? inputs, precision: target.headPrecision)
    }

    /// The question-answering head, of the same name in all families.
    ///
    /// - Parameter labels: as config.json counts them
    /// - Throws: an error if there is no such head, and if it has others than the two outputs for the ends of an answer.
    func spanHead(_ hiddenSize: Int, labels: Int) throws(CheckpointError) -> EncoderHead {
        let output = try headLinear("qa_outputs", hiddenSize, outputs: 2)
        guard labels == 2 else {
            throw unfit("config.json has \(labels) labels, but question-answering has two: the ends of an answer")
        }
        return EncoderHead(output: output)
    }

    /// The layer that makes logits of all tokens of the vocabulary.
    ///
    /// - Parameters:
    ///   - bias: names of the bias, the first that is there counts
    ///   - embeddings: where the weight is if the decoder has none of its own; nil if it has to have one
    func decoder(
        _ name: String, bias: [String], tiedTo embeddings: LayerWeights?, _ vocabSize: Int, _ hiddenSize: Int
    ) throws(CheckpointError) -> Linear {
        let bias = try vector(bias, count: vocabSize)
        if let embeddings, !has("\(name).weight") {
            return try embeddings.linear(
                weight: "word_embeddings.weight", bias: bias, inputs: hiddenSize, precision: target.headPrecision)
        }
        return try linear(weight: "\(name).weight", bias: bias, inputs: hiddenSize, precision: target.headPrecision)
    }

    /// The table of words, or the decoder of a checkpoint that has only that.
    func wordEmbeddings(tiedTo decoder: LayerWeights, count: Int, size: Int) throws(CheckpointError) -> Embedding {
        !has("word_embeddings.weight") && decoder.has("weight")
            ? try decoder.embedding("weight", count: count, size: size)
            : try embedding("word_embeddings.weight", count: count, size: size)
    }
}
