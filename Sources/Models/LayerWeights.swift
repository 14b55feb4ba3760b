import PenstockCheckpoints
import PenstockCompute

extension Tensor {
    /// The elements as a matrix of `rows` rows; a vector is one row.
    func matrix(rows: Int) throws(CheckpointError) -> WeightMatrix {
        let element: PenstockCompute.ElementType
        switch elementType {
        case .float64: element = .float64
        case .float32: element = .float32
        case .float16: element = .float16
        case .bfloat16: element = .bfloat16
        default:
            throw CheckpointError(
                .unfitTensor, file: file,
                "tensor \(name) is stored as \(elementType.rawValue); weights can be F64, F32, F16 or BF16")
        }
        return WeightMatrix(element: element, rows: rows, columns: shape.last ?? 1) { try read(at: $0, into: $1) }
    }
}

/// What a model is loaded for: who computes, and how the numbers of its layers are stored.
package struct Engine: Sendable {
    /// Packs the weights.
    package let cpu: CPU
    /// How the encoder's layers are stored.
    package let precision: Precision

    /// An engine of `precision` on the kernels of `cpu`.
    package init(_ cpu: CPU, precision: Precision = .float32) {
        self.cpu = cpu
        self.precision = precision
    }

    /// How what passes between the layers is stored. Unlike the engine, it may outlive the loading.
    package var activations: ActivationPrecisions {
        ActivationPrecisions(attention: attentionPrecision, input: inputPrecision)
    }

    /// How attention is computed: no wider than is fast, beside layers that are narrower.
    private var attentionPrecision: Precision {
        precision != .float32 && cpu.kernels.hasInstructions(for: .bfloat16) ? .bfloat16 : .float32
    }

    /// How rows are stored whose only use is to be the input of a layer of the encoder.
    private var inputPrecision: Precision { precision == .bfloat16 ? .bfloat16 : .float32 }

    /// How heads are stored, whose outputs are answers: a step wider than the encoder.
    package var headPrecision: Precision {
        precision == .int8 && cpu.kernels.hasInstructions(for: .bfloat16) ? .bfloat16 : .float32
    }
}

/// How the numbers are stored that pass between the layers of an encoder.
package struct ActivationPrecisions: Sendable {
    /// Of queries, keys and values.
    package let attention: Precision
    /// Of rows whose only use is to be the input of a layer.
    package let input: Precision
}

/// Layers out of the tensors of a checkpoint, for an engine.
package struct LayerWeights: Sendable {
    private let weights: Weights
    package let engine: Engine

    /// The layers of all tensors.
    package init(_ weights: Weights, for engine: Engine) {
        self.weights = weights
        self.engine = engine
    }

    /// The layers of the tensors below `path`.
    package subscript(path: String) -> LayerWeights { LayerWeights(weights[path], for: engine) }

    /// Whether there is no tensor below the path.
    var isEmpty: Bool { weights.isEmpty }

    /// Whether there is a tensor of this name.
    func has(_ name: String) -> Bool { weights.has(name) }

    /// A vector of `count` values, under the first of several names that is there.
    package func vector(_ names: String..., count: Int) throws(CheckpointError) -> [Float] {
        let name = names.first(where: weights.has) ?? names[0]
        let tensor = try weights.tensor(name, shape: [count])
        let matrix = try tensor.matrix(rows: 1)
        return try loading(tensor) { try matrix.floats() }
    }

    /// A table of `count` rows of `size` values.
    func embedding(_ name: String, count: Int, size: Int) throws(CheckpointError) -> Embedding {
        let tensor = try weights.tensor(name, shape: [count, size])
        let matrix = try tensor.matrix(rows: count)
        return try loading(tensor) { try Embedding(matrix, on: engine.cpu) }
    }

    /// A layer with a weight `[outputs, inputs]` and a bias `[outputs]` below each of these names, side by side.
    ///
    /// - Parameter precision: how it is stored; nil for the engine's own.
    package func linear(
        _ names: String..., inputs: Int, outputs: Int, bias hasBias: Bool = true, precision: Precision? = nil
    ) throws(CheckpointError) -> Linear {
        var tensors: [Tensor] = []
        var bias: [Float] = []
        for name in names {
            tensors.append(try weights[name].tensor("weight", shape: [outputs, inputs]))
            if hasBias { bias += try self[name].vector("bias", count: outputs) }
        }
        return try linear(tensors, rows: outputs, bias: hasBias ? bias : nil, precision ?? engine.precision)
    }

    /// A layer out of a weight `[bias.count, inputs]` and a bias with names of their own.
    func linear(
        weight name: String, bias: [Float], inputs: Int, precision: Precision
    ) throws(CheckpointError) -> Linear {
        try linear([weights.tensor(name, shape: [bias.count, inputs])], rows: bias.count, bias: bias, precision)
    }

    private func linear(
        _ tensors: [Tensor], rows: Int, bias: [Float]?, _ precision: Precision
    ) throws(CheckpointError) -> Linear {
        var matrices: [WeightMatrix] = []
        for tensor in tensors { matrices.append(try tensor.matrix(rows: rows)) }
        return try loading(tensors[0]) { try Linear(matrices, bias: bias, precision: precision, on: engine.cpu) }
    }

    /// What `body` makes of a tensor, with errors that are the checkpoint's.
    private func loading<Part>(_ tensor: Tensor, _ body: () throws -> Part) throws(CheckpointError) -> Part {
        do {
            return try body()
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw CheckpointError(
                .outOfMemory, file: tensor.file,
                "tensor \(tensor.name) of \(weights.byteCount) bytes of weights: \(error)")
        }
    }

    /// A layer normalisation with `weight` and `bias`, in old files `gamma` and `beta`.
    func layerNorm(_ name: String, size: Int, epsilon: Double) throws(CheckpointError) -> LayerNorm {
        LayerNorm(
            weight: try self[name].vector("weight", "gamma", count: size),
            bias: try self[name].vector("bias", "beta", count: size),
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
