import PenstockCheckpoints
import PenstockCompute

/// Leaves vectors as they are: dropout is for training (`sentence_transformers` `Dropout`).
struct SentenceDropout: SentenceModule {
    /// - Parameter config: config.json; nil if there is none
    init(_ config: ConfigFile?) throws(CheckpointError) {
        let key = "dropout"
        try config?.requireKeys([key])
        try config?.refuseNull([key])
        guard let config, let value = config[key] else { return }
        guard let probability = value.double, 0...1 ~= probability else {
            throw config.invalid(key, value, "a probability from 0 to 1")
        }
    }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature { feature }
}
