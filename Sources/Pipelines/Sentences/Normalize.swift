import PenstockCheckpoints
import PenstockCompute

/// Gives vectors the length 1 (`sentence_transformers` `Normalize`).
struct Normalize: SentenceModule {
    let inputName: String
    let outputName: String
    let isOptional = true

    /// - Parameter config: config.json, which the module of old checkpoints does not have
    init(_ config: ConfigFile?) throws(CheckpointError) {
        try config?.refuseNull(["module_input_name"])
        inputName = try config?.string("module_input_name") ?? SentenceFeature.sentenceEmbedding
        outputName = try config?.string("module_output_name") ?? inputName
    }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature {
        // A request may ask for embeddings as they are.
        if text.normalizes == false, outputName == SentenceFeature.sentenceEmbedding { return feature }
        switch feature {
        case .text(let vector): return .text(Embeddings.normalized(vector))
        case .tokens(let rows, _):
            return try feature.mapRows(width: rows.columns) { input, output in
                for row in 0..<input.rows {
                    _ = output.row(row).update(fromContentsOf: Embeddings.normalized(Array(input.row(row))))
                }
            }
        }
    }
}
