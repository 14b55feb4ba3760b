import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels

/// A layer behind the pooling (`sentence_transformers` `Dense`).
struct Dense: Sendable {
    private let linear: Linear
    private let activation: Activation

    /// The length of the vectors that it takes.
    var inputs: Int { linear.inputs }
    /// The length of the vectors that it gives.
    var outputs: Int { linear.outputs }

    /// `activation_function` is the path of a class of PyTorch; the last part tells which.
    private static let activations: [String: Activation] = [
        "GELU": .gelu,
        "Identity": .none,
        "ReLU": .relu,
        "SiLU": .silu,
        "Sigmoid": .sigmoid,
        "Tanh": .tanh,
    ]

    init(_ checkpoint: Checkpoint, for engine: Engine) throws(CheckpointError) {
        let config = checkpoint.config
        let named = try config.string("activation_function")
        // As upstream, activations that are not of PyTorch are not trusted: the default stands for them.
        let name = named.flatMap { $0.utf8.starts(with: "torch.".utf8) ? $0 : nil } ?? "torch.nn.Tanh"
        guard let activation = name.split(separator: ".").last.flatMap({ Self.activations[String($0)] }) else {
            let known = Self.activations.keys.sorted().joined(separator: ", ")
            throw config.invalid("activation_function", .string(name), "one of PyTorch's \(known)")
        }
        self.activation = activation
        linear = try LayerWeights(checkpoint.weights(), for: engine).linear(
            "linear", inputs: try config.size("in_features"), outputs: try config.size("out_features"),
            bias: try config.flag("bias", default: true), precision: engine.headPrecision)
    }

    /// The layer's output for one vector of ``inputs`` numbers.
    ///
    /// - Throws: ``PipelineError`` if there is no memory for it.
    func apply(_ vector: [Float], on cpu: CPU) throws(PipelineError) -> [Float] {
        precondition(vector.count == inputs)
        func matrices(_ workspace: Workspace) -> (input: Matrix, output: Matrix) {
            (workspace.matrix(rows: 1, columns: linear.inputs), workspace.matrix(rows: 1, columns: linear.outputs))
        }
        let workspace: Workspace
        do {
            workspace = try Workspace { _ = matrices($0) }
        } catch {
            throw PipelineError(.answerTooLarge, "the Dense module has no memory left: \(error)")
        }
        let (input, output) = matrices(workspace)
        _ = input.row(0).update(fromContentsOf: vector)
        cpu.linear(input, linear, activation: activation, into: output)
        return withExtendedLifetime(workspace) { Array(output.row(0)) }
    }
}
