import PenstockCheckpoints
import PenstockCompute

extension Tensor {
    /// Lends the elements as a matrix of `rows` rows; a vector is one row.
    func withMatrix<Result>(
        rows: Int, _ body: (WeightMatrix) -> Result
    ) throws(CheckpointError) -> Result {
        let element: PenstockCompute.ElementType
        switch elementType {
        case .float32: element = .float32
        case .float16: element = .float16
        case .bfloat16: element = .bfloat16
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); weights can be F32, F16 or BF16")
        }
        let columns = shape.last ?? 1
        return withBytes { body(WeightMatrix(bytes: $0, element: element, rows: rows, columns: columns)) }
    }
}

extension Weights {
    /// A vector of `count` values.
    package func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        try tensor(name, shape: [count]).withMatrix(rows: 1) { $0.floats() }
    }

    /// A table of `count` rows of `size` values.
    func embedding(_ name: String, count: Int, size: Int) throws(CheckpointError) -> Embedding {
        try tensor(name, shape: [count, size]).withMatrix(rows: count) { Embedding($0) }
    }

    /// A layer with a weight `[outputs, inputs]` and a bias `[outputs]` below each of these names, side by side.
    package func linear(
        _ names: String..., inputs: Int, outputs: Int, bias hasBias: Bool = true
    ) throws(CheckpointError) -> Linear {
        var weights: [Tensor] = []
        var bias: [Float] = []
        for name in names {
            weights.append(try self[name].tensor("weight", shape: [outputs, inputs]))
            if hasBias { bias += try self[name].vector("bias", count: outputs) }
        }
        return try Self.linear(weights[...], rows: outputs, bias: hasBias ? bias : nil)
    }

    /// A layer out of a weight and a bias with names of their own.
    func linear(weight: Tensor, bias: [Float]) throws(CheckpointError) -> Linear {
        try Self.linear([weight], rows: bias.count, bias: bias)
    }

    private static func linear(
        _ tensors: ArraySlice<Tensor>, rows: Int, bias: [Float]?, lent matrices: [WeightMatrix] = []
    ) throws(CheckpointError) -> Linear {
        guard let tensor = tensors.first else { return Linear(matrices, bias: bias) }
        let result: Result<Linear, CheckpointError> = try tensor.withMatrix(rows: rows) { matrix in
            Result { () throws(CheckpointError) in
                try linear(tensors.dropFirst(), rows: rows, bias: bias, lent: matrices + [matrix])
            }
        }
        return try result.get()
    }

    /// A layer normalisation with `weight` and `bias`, in old files `gamma` and `beta`.
    func layerNorm(_ name: String, size: Int, epsilon: Double) throws(CheckpointError) -> LayerNorm {
        let weights = self[name]
        return LayerNorm(
            weight: try weights.vector(weights.name(of: "weight", "gamma"), count: size),
            bias: try weights.vector(weights.name(of: "bias", "beta"), count: size),
            epsilon: Float(epsilon))
    }
}

extension ConfigFile {
    /// The function that a key names, as in ``Activation/byName``.
    package func activation(_ key: String, default fallback: String) throws(CheckpointError) -> Activation {
        let name = try string(key) ?? fallback
        guard let activation = Activation.byName[name] else {
            throw invalid(key, .string(name), "one of \(Activation.byName.keys.sorted().joined(separator: ", "))")
        }
        return activation
    }
}
