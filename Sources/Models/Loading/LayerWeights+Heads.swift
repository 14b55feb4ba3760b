import PenstockCheckpoints
import PenstockCompute

extension LayerWeights {
    /// A layer of a head, which is stored a step wider than the encoder: its outputs are answers.
    ///
    /// - Parameter outputs: nil for as many as inputs
    func headLinear(
        _ name: String, _ inputs: Int, outputs: Int? = nil, bias: Bool = true
    ) throws(CheckpointError) -> Linear {
        try linear(name, inputs: inputs, outputs: outputs ?? inputs, bias: bias, format: target.headFormat)
    }

    /// Some outputs, in this order, of a layer without a bias, as a layer of a head.
    ///
    /// - Precondition: each of `rows` is one of its outputs.
    func linear(
        _ name: String, rows: [Int], inputs: Int, outputs: Int
    ) throws(CheckpointError) -> Linear {
        let tensor = try weights[name].tensor("weight", shape: [outputs, inputs])
        let matrix = try tensor.matrix(rows: outputs)
        return try linear(
            rows.map { matrix.rows($0..<$0 + 1) }, of: tensor, bias: nil, target.headFormat, as: .other)
    }

    /// The question-answering head, of the same name in all families.
    ///
    /// - Parameter labels: as config.json counts them
    /// - Throws: an error if there is no such head, and if it has others than the two outputs for the ends of an answer.
    func spanHead(_ hiddenSize: Int, labels: Int) throws(CheckpointError) -> EncoderHead {
        EncoderHead(output: try spanLayer(hiddenSize, labels: labels))
    }

    /// The layer of such a head, which makes the logits of an answer's start and end.
    func spanLayer(_ hiddenSize: Int, labels: Int) throws(CheckpointError) -> Linear {
        let layer = try headLinear("qa_outputs", hiddenSize, outputs: 2)
        guard labels == 2 else {
            throw unfit("config.json has \(labels) labels, but question-answering has two: the ends of an answer")
        }
        return layer
    }

    /// The layer that makes logits of all tokens of the vocabulary.
    ///
    /// - Parameters:
    ///   - bias: names of the bias, the first that is there counts; none if it has none
    ///   - embeddings: where the weight is if the decoder has none of its own; nil if it has to have one
    ///   - words: its name there
    func decoder(
        _ name: String, bias: [String], tiedTo embeddings: LayerWeights?, words: String = "word_embeddings",
        _ vocabSize: Int, _ hiddenSize: Int
    ) throws(CheckpointError) -> Linear {
        let bias = bias.isEmpty ? nil : try vector(bias, count: vocabSize)
        let isTied = embeddings != nil && !has("\(name).weight")
        let owner = isTied ? embeddings ?? self : self
        let weight = isTied ? "\(words).weight" : "\(name).weight"
        let head = try owner.linear(
            weight: weight, bias: bias, inputs: hiddenSize, outputs: vocabSize, format: target.headFormat)
        tiedHeads.add(head, of: try owner.weights.tensor(weight, shape: [vocabSize, hiddenSize]).name)
        return head
    }

    /// The table of words, or the decoder of a checkpoint that has only that; the head that is loaded out of the same
    /// tensor, if there is one.
    func wordEmbeddings(
        _ name: String = "word_embeddings", tiedTo decoder: LayerWeights, count: Int, size: Int
    ) throws(CheckpointError) -> WordTable {
        let isOfDecoder = !has("\(name).weight") && decoder.has("weight")
        let (owner, weight) = isOfDecoder ? (decoder, "weight") : (self, "\(name).weight")
        let tensor = try owner.weights.tensor(weight, shape: [count, size])
        if let head = tiedHeads.head(of: tensor.name) { return .layer(head) }
        return try owner.wordTable(weight, count: count, size: size)
    }

    /// The vectors of words: in blocks, if the target has them so, or else a table of float32.
    func wordTable(_ name: String, count: Int, size: Int) throws(CheckpointError) -> WordTable {
        let matrix = try weights.tensor(name, shape: [count, size]).matrix(rows: count)
        guard let format = target.tableFormat, format.makesBlocks(of: matrix) else {
            return .table(try embedding(name, count: count, size: size))
        }
        return .layer(try linear(weight: name, bias: nil, inputs: size, outputs: count, format: format))
    }

    /// Embeddings of words and segments, without positions, which turn queries and keys instead.
    ///
    /// - Parameters:
    ///   - decoder: as of ``wordEmbeddings(_:tiedTo:count:size:)``
    ///   - typeVocabSize: the segments; 0 for none
    ///   - size: the numbers of an embedding
    func unplacedEmbeddings(
        tiedTo decoder: LayerWeights, vocabSize: Int, typeVocabSize: Int, size: Int, norm: LayerNorm,
        longestSequence: Int
    ) throws(CheckpointError) -> SummedEmbeddings {
        SummedEmbeddings(
            word: try wordEmbeddings(tiedTo: decoder, count: vocabSize, size: size),
            tokenType: typeVocabSize == 0
                ? nil : try embedding("token_type_embeddings.weight", count: typeVocabSize, size: size),
            norm: norm, longestSequence: longestSequence)
    }
}
