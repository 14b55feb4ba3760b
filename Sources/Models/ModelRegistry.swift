import PenstockCheckpoints
import PenstockCompute

/// The architectures by the `model_type` of config.json.
package enum ModelRegistry {
    private typealias Loader = @Sendable (Checkpoint, Readout, Engine) throws(CheckpointError) -> any Model

    private static let architectures: [(modelType: String, load: Loader)] = [
        (
            "bert",
            { (checkpoint, readout, engine) throws(CheckpointError) in
                try Bert(checkpoint, readout: readout, for: engine)
            }
        )
    ]

    /// Loads a checkpoint's weights with the head for a readout, for an engine.
    package static func load(
        _ checkpoint: Checkpoint, readout: Readout, for engine: Engine
    ) throws(CheckpointError) -> any Model {
        let supported = architectures.map(\.modelType).joined(separator: ", ")
        guard let modelType = try checkpoint.config.string("model_type") else {
            throw CheckpointError(
                .invalidConfiguration, file: checkpoint.config.path, "has no model_type; supported are: \(supported)")
        }
        guard let architecture = architectures.first(where: { $0.modelType == modelType }) else {
            throw CheckpointError(
                .invalidConfiguration, file: checkpoint.config.path,
                "the model_type \(modelType) is not supported; supported are: \(supported)")
        }
        return try architecture.load(checkpoint, readout, engine)
    }
}
