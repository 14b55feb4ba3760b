import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

extension ConfigFile {
    /// The function whose class of PyTorch a key names; nil if there is none, or it is not of PyTorch: as upstream, such a
    /// class is not trusted.
    func torchActivation(_ key: String) throws(CheckpointError) -> Activation? {
        guard let name = try string(key), name.utf8.starts(with: "torch.".utf8) else { return nil }
        for (module, functions) in Self.torchActivations {
            for (function, activation) in functions {
                // Each is also known where PyTorch passes it on.
                let paths = [module, "torch.nn.modules.", "torch.nn."].map { $0 + function }
                if paths.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return activation }
            }
        }
        let known = Self.torchActivations.flatMap { module, functions in functions.keys.sorted().map { module + $0 } }
        throw invalid(key, .string(name), "one of \(known.joined(separator: ", "))")
    }

    /// Classes in the module of PyTorch that they are of.
    private static let torchActivations: [(module: String, functions: [String: Activation])] = [
        (
            "torch.nn.modules.activation.",
            ["GELU": .gelu, "ReLU": .relu, "SiLU": .silu, "Sigmoid": .sigmoid, "Tanh": .tanh]
        ),
        ("torch.nn.modules.linear.", ["Identity": .none]),
    ]
}
