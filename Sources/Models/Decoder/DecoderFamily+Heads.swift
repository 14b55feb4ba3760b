import PenstockCheckpoints
import PenstockCompute

extension DecoderFamily {
    /// Loads the head for a readout.
    ///
    /// - Parameter scoring: the tokens whose logits are those of a sequence; nil for a head of its own
    /// - Throws: an error that says so if the family has no such head.
    func head(
        _ readout: Readout, _ base: LayerWeights, checkpoint: LayerWeights, scoring: TokenScore? = nil
    ) throws(CheckpointError) -> DecoderHead {
        let size = shape.embeddingSize ?? shape.hiddenSize
        switch readout {
        case .hiddenStates: return DecoderHead()
        // The vocabulary's logits are of the next token, and not of a mask.
        case .vocabularyLogits: throw checkpoint.hasNoHead("a head for masks")
        case .nextTokenLogits where !windows.allSatisfy(\.isCausal):
            throw CheckpointError(
                .missingTensor, file: checkpoint.weights.file,
                "its tokens see those behind them (is_causal, use_bidirectional_attention), which a model that generates "
                    + "does not know")
        case .nextTokenLogits:
            return DecoderHead(
                output: try vocabularyHead(base, checkpoint: checkpoint, size), softcap: shape.logitSoftcap)
        case .sequenceLogits:
            if let scoring {
                return DecoderHead(
                    output: try scoringHead(scoring, base, checkpoint: checkpoint, size), softcap: shape.logitSoftcap)
            }
            return DecoderHead(
                output: try checkpoint.headLinear("score", size, outputs: shape.labels, bias: false))
        case .tokenLogits:
            let name = checkpoint.has("classifier.weight") ? "classifier" : "score"
            return DecoderHead(output: try checkpoint.headLinear(name, size, outputs: shape.labels))
        case .spanLogits: return DecoderHead(output: try checkpoint.spanLayer(size, labels: shape.labels))
        case .pooled: throw checkpoint.hasNoHead("a pooler")
        }
    }

    private func vocabularyHead(
        _ base: LayerWeights, checkpoint: LayerWeights, _ size: Int
    ) throws(CheckpointError) -> Linear {
        let (owner, name) = try vocabularyWeight(base, checkpoint: checkpoint)
        return try owner.linear(
            name, inputs: size, outputs: shape.vocabSize, bias: false, format: checkpoint.target.vocabularyFormat)
    }

    /// The rows of that head which are those of some tokens.
    private func scoringHead(
        _ scoring: TokenScore, _ base: LayerWeights, checkpoint: LayerWeights, _ size: Int
    ) throws(CheckpointError) -> Linear {
        let (owner, name) = try vocabularyWeight(base, checkpoint: checkpoint)
        if let token = scoring.tokens.first(where: { !(0..<shape.vocabSize).contains($0) }) {
            throw checkpoint.unfit(
                "a score is made of the token \(token), but the vocabulary of config.json has \(shape.vocabSize)")
        }
        return try owner.linear(name, rows: scoring.tokens, inputs: size, outputs: shape.vocabSize)
    }

    /// The place and the name of the layer that makes logits of the vocabulary: one of its own, or that of words.
    private func vocabularyWeight(
        _ base: LayerWeights, checkpoint: LayerWeights
    ) throws(CheckpointError) -> (owner: LayerWeights, name: String) {
        if let own = headNames.first(where: { checkpoint.has("\($0).weight") }) { return (checkpoint, own) }
        guard shape.tieWordEmbeddings else { throw checkpoint.hasNoHead("a head for generation") }
        return (base, wordName)
    }

    /// The vectors of words: those of the head if it has no others.
    func words(
        _ base: LayerWeights, checkpoint: LayerWeights, head: Linear?
    ) throws(CheckpointError) -> WordTable {
        let size = shape.embeddingSize ?? shape.hiddenSize
        if let head, shape.tieWordEmbeddings, !(base.has("\(wordName).weight") && checkpoint.hasAny(headNames)) {
            return .layer(head)
        }
        return try base.wordTable("\(wordName).weight", count: shape.vocabSize, size: size)
    }
}

extension DecoderModel {
    /// Each head that there can be: whether the weights have it, or why they have not.
    static func heads(
        of family: some DecoderFamily, _ weights: LayerWeights, scoring: TokenScore?
    ) -> [Readout: Result<Void, CheckpointError>] {
        var heads: [Readout: Result<Void, CheckpointError>] = [:]
        for readout in Readout.allCases {
            heads[readout] = Result { () throws(CheckpointError) in
                _ = try family.head(readout, base(family, weights), checkpoint: weights, scoring: scoring)
            }
        }
        return heads
    }
}

extension LayerWeights {
    /// Tells whether there is a weight of one of these names.
    fileprivate func hasAny(_ names: [String]) -> Bool { names.contains { has("\($0).weight") } }
}

extension LoadTarget {
    /// The form in which the head is stored that makes logits of the vocabulary. It is a good part of what a decoded
    /// token reads, and no narrower than the embedding has to be.
    var vocabularyFormat: WeightFormat {
        switch format {
        case .numbers(.float32), .numbers(.bfloat16), .blocksOfFile: format
        case .numbers(.int8): headFormat
        case .int4, .int8Blocks: .int8Blocks
        }
    }
}
