import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels

/// A linear layer with an activation over the vectors of a text or of its tokens (`sentence_transformers` `Dense`).
struct Dense: SentenceModule {
    let inputName: String
    let outputName: String
    private let linear: Linear
    private let activation: Activation
    /// The addend of the output.
    private let residual: Residual

    private enum Residual {
        case none
        /// The input.
        case input
        /// The product of the input with a layer of its own.
        case linear(Linear)
    }

    var takes: String { "vectors of \(linear.inputs)" }

    /// - Parameter input: the name of the feature that it reads if config.json names none
    init(
        _ checkpoint: Checkpoint, for target: LoadTarget, reading input: String = SentenceFeature.sentenceEmbedding
    ) throws(CheckpointError) {
        let config = checkpoint.config
        try config.refuseNull(["activation_function", "bias", "module_input_name"])
        for key in ["init_weight", "init_bias"] where config[key] != nil {
            throw config.unsupported(key, "the weights are those of model.safetensors; drop it")
        }
        inputName = try config.string("module_input_name") ?? input
        outputName = try config.string("module_output_name") ?? inputName
        // A function that is not of PyTorch is not trusted, and upstream's default stands for it.
        activation = try config.torchActivation("activation_function") ?? .tanh
        let (inputs, outputs) = (try config.size("in_features"), try config.size("out_features"))
        let hasBias = try config.flag("bias", default: true)
        let weights = try checkpoint.weights()
        if !hasBias, weights["linear"].has("bias") {
            throw config.invalid("bias", .bool(false), "true: the checkpoint has a tensor linear.bias")
        }
        let layers = LayerWeights(weights, for: target)
        linear = try layers.linear(
            "linear", inputs: inputs, outputs: outputs, bias: hasBias, format: target.headFormat)
        let usesResidual = try config.flag("use_residual", default: false)
        if usesResidual, inputs != outputs {
            residual = .linear(
                try layers.linear(
                    "residual", inputs: inputs, outputs: outputs, bias: false, format: target.headFormat))
            return
        }
        guard weights["residual"].isEmpty else {
            throw config.invalid(
                "use_residual", .bool(usesResidual),
                "true, and out_features another number than in_features: the checkpoint has a tensor residual.weight")
        }
        residual = usesResidual ? .input : .none
    }

    func shape(of input: SentenceFeature.Shape) -> SentenceFeature.Shape? {
        input.width == linear.inputs ? input.with(width: linear.outputs) : nil
    }

    func apply(
        to feature: SentenceFeature, of text: inout SentenceText, on cpu: CPU
    ) throws(PipelineError) -> SentenceFeature {
        let output = try feature.mapRows(width: linear.outputs) {
            cpu.linear($0, linear, activation: activation, into: $1)
        }
        switch residual {
        case .none: return output
        case .input: return output.adding(feature)
        case .linear(let layer):
            return output.adding(try feature.mapRows(width: layer.outputs) { cpu.linear($0, layer, into: $1) })
        }
    }
}

extension SentenceFeature {
    /// The sum with a feature of the same shape. The memory of token vectors is overwritten.
    fileprivate func adding(_ other: SentenceFeature) -> SentenceFeature {
        switch (self, other) {
        case (.text(let a), .text(let b)): return .text(zip(a, b).map(+))
        case (.tokens(let a, _), .tokens(let b, let memory)):
            withExtendedLifetime(memory) {
                for row in 0..<a.rows {
                    let (sum, term) = (a.row(row), b.row(row))
                    for column in sum.indices { sum[column] += term[column] }
                }
            }
            return self
        default: preconditionFailure("the shapes differ")
        }
    }
}
