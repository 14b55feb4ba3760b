import PenstockCheckpoints
import PenstockCompute
import PenstockModels

/// A layer normalisation of the embedding (`sentence_transformers` `LayerNorm`).
struct SentenceLayerNorm: SentenceModule {
    private let norm: LayerNorm
    private let dimension: Int

    /// That of `torch.nn.LayerNorm`.
    private static let epsilon: Float = 1e-5

    var takes: String { "vectors of \(dimension)" }

    init(_ checkpoint: Checkpoint, for target: LoadTarget) throws(CheckpointError) {
        try checkpoint.config.requireKeys(["dimension"])
        dimension = try checkpoint.config.size("dimension")
        let weights = LayerWeights(try checkpoint.weights(), for: target)["norm"]
        norm = LayerNorm(
            weight: try weights.vector("weight", count: dimension), bias: try weights.vector("bias", count: dimension),
            epsilon: Self.epsilon)
    }

    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape? { input.width == dimension ? input : nil }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature {
        try feature.mapRows(width: dimension) { cpu.layerNorm($0, norm, into: $1) }
    }
}
