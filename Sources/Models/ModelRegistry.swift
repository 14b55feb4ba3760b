import PenstockCheckpoints
import PenstockCompute

/// The architectures by the `model_type` of config.json.
package enum ModelRegistry {
    private static let architectures: [(modelTypes: [String], family: any EncoderFamily.Type)] = [
        (["bert"], Bert.self),
        (["roberta", "xlm-roberta", "camembert"], Roberta.self),
        (["distilbert"], DistilBert.self),
    ]

    /// Loads a checkpoint's weights with a head for each readout, for a target.
    package static func load(
        _ checkpoint: Checkpoint, readouts: Set<Readout>, for target: LoadTarget
    ) throws(CheckpointError) -> any Model {
        try EncoderModel(
            family(of: checkpoint), LayerWeights(try checkpoint.weights(), for: target), readouts: readouts)
    }

    /// What can be read out of a checkpoint by the headers of its files, and why the rest cannot.
    package static func heads(
        of checkpoint: Checkpoint, in turns: ComputeTurns
    ) throws(CheckpointError) -> [Readout: Result<Void, CheckpointError>] {
        let weights = LayerWeights(try checkpoint.weights(), for: LoadTarget(turns, plan: WeightCount()))
        return EncoderModel.heads(of: try family(of: checkpoint), weights)
    }

    private static func family(of checkpoint: Checkpoint) throws(CheckpointError) -> any EncoderFamily {
        try checkpoint.refuseAdapter()
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
        return try architecture.family.init(checkpoint.config)
    }
}
