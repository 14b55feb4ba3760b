import PenstockCheckpoints
import PenstockCompute

/// The architectures by the `model_type` of config.json.
package enum ModelRegistry {
    /// A family, which makes models of an architecture.
    private enum Family: Sendable {
        case encoder(any EncoderFamily.Type)
        case decoder(any DecoderFamily.Type)

        var isDecoder: Bool { if case .decoder = self { true } else { false } }
    }

    private static let architectures: [(modelTypes: [String], family: Family)] = [
        (["bert"], .encoder(Bert.self)),
        (["roberta", "xlm-roberta", "camembert"], .encoder(Roberta.self)),
        (["distilbert"], .encoder(DistilBert.self)),
        (["mpnet"], .encoder(MPNet.self)),
        (["electra"], .encoder(Electra.self)),
        (["albert"], .encoder(Albert.self)),
        (["modernbert"], .encoder(ModernBert.self)),
        (["nomic_bert"], .encoder(NomicBert.self)),
        (["new", "gte"], .encoder(Gte.self)),
        (["deberta-v2"], .encoder(DebertaV2.self)),
        (["gpt2"], .decoder(GPT2.self)),
        (["bloom"], .decoder(Bloom.self)),
        (["gpt_neox"], .decoder(GPTNeoX.self)),
        (["opt"], .decoder(OPT.self)),
        (["llama", "mistral"], .decoder(Llama.self)),
        (["smollm3"], .decoder(SmolLM3.self)),
        (["qwen2", "qwen3"], .decoder(Qwen.self)),
        (["gemma", "gemma2", "gemma3_text"], .decoder(Gemma.self)),
        (["phi3"], .decoder(Phi3.self)),
    ]

    /// The names of `model_type` that each architecture has, and whether it is a decoder.
    package static var descriptions: [(modelTypes: [String], isDecoder: Bool)] {
        architectures.map { ($0.modelTypes, $0.family.isDecoder) }
    }

    /// Loads a checkpoint's weights with a head for each readout, for a target.
    ///
    /// - Parameter scoring: the tokens whose logits are those of a sequence, of a decoder; nil for a head of its own
    /// - Throws: an error that says so if the architecture has no such head. Decoders have none for masks, and others none
    ///   that generates.
    package static func load(
        _ checkpoint: Checkpoint, readouts: Set<Readout>, scoring: TokenScore? = nil, for target: LoadTarget
    ) throws(CheckpointError) -> any Model {
        let weights = LayerWeights(try checkpoint.weights(), for: target)
        switch try family(of: checkpoint) {
        case .encoder(let family):
            guard scoring == nil else { throw weights.hasNoGenerator }
            return try encoder(family, checkpoint, weights, readouts)
        case .decoder(let family):
            return try decoder(family, checkpoint, weights, readouts, scoring)
        }
    }

    /// Loads a checkpoint's weights for generation, for a target.
    ///
    /// - Throws: an error that lists the architectures that generate if it is another.
    package static func loadDecoder(
        _ checkpoint: Checkpoint, for target: LoadTarget
    ) throws(CheckpointError) -> DecoderModel {
        guard case .decoder(let family) = try family(of: checkpoint) else {
            let known = architectures.filter(\.family.isDecoder)
            throw CheckpointError(
                .invalidConfiguration, file: checkpoint.config.path,
                "a model of this model_type does not generate; those that do are: "
                    + known.flatMap(\.modelTypes).joined(separator: ", "))
        }
        let weights = LayerWeights(try checkpoint.weights(), for: target)
        return try decoder(family, checkpoint, weights, [.nextTokenLogits], nil)
    }

    private static func encoder(
        _ family: (some EncoderFamily).Type, _ checkpoint: Checkpoint, _ weights: LayerWeights, _ readouts: Set<Readout>
    ) throws(CheckpointError) -> EncoderModel {
        try EncoderModel(try family.init(checkpoint.config), weights, readouts: readouts)
    }

    private static func decoder(
        _ family: (some DecoderFamily).Type, _ checkpoint: Checkpoint, _ weights: LayerWeights,
        _ readouts: Set<Readout>, _ scoring: TokenScore?
    ) throws(CheckpointError) -> DecoderModel {
        let decoder = try family.init(checkpoint.config)
        if readouts.contains(.nextTokenLogits) { try checkpoint.config.requireWindowsOfPrompts(of: decoder) }
        return try DecoderModel(decoder, weights, readouts: readouts, scoring: scoring)
    }

    /// Returns the readouts that a checkpoint has by the headers of its files, and why it has not the rest.
    ///
    /// - Parameter scoring: as of ``load(_:readouts:scoring:for:)``
    package static func heads(
        of checkpoint: Checkpoint, scoring: TokenScore? = nil, in turns: ComputeTurns
    ) throws(CheckpointError) -> [Readout: Result<Void, CheckpointError>] {
        let weights = LayerWeights(try checkpoint.weights(), for: LoadTarget(turns, plan: WeightCount()))
        switch try family(of: checkpoint) {
        case .encoder(let family):
            guard scoring == nil else { throw weights.hasNoGenerator }
            return EncoderModel.heads(of: try family.init(checkpoint.config), weights)
        case .decoder(let family):
            return DecoderModel.heads(of: try family.init(checkpoint.config), weights, scoring: scoring)
        }
    }

    private static func family(of checkpoint: Checkpoint) throws(CheckpointError) -> Family {
        let supported = architectures.flatMap(\.modelTypes).joined(separator: ", ")
        guard let modelType = try checkpoint.config.string("model_type") else {
            throw CheckpointError(
                .invalidConfiguration, file: checkpoint.config.path, "has no model_type; supported are: \(supported)")
        }
        guard let architecture = architectures.first(where: { $0.modelTypes.contains(modelType) }) else {
            throw CheckpointError(
                .invalidConfiguration, file: checkpoint.config.path,
                "the model_type \(modelType) is not supported; supported are: \(supported)")
        }
        return architecture.family
    }
}
