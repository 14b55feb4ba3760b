import PenstockCheckpoints
import PenstockCompute

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

    /// The error of a checkpoint whose architecture has no such head, by what is missing.
    func hasNoHead(_ head: String) -> CheckpointError {
        CheckpointError(.missingTensor, file: weights.file, "an architecture of this model_type has no \(head)")
    }

    /// Whether there is no tensor below the path.
    var isEmpty: Bool { weights.isEmpty }

    /// Whether there is a tensor of this name.
    func has(_ name: String) -> Bool { weights.has(name) }

    /// A vector of `count` values, under the first of several names that is there.
    package func vector(_ names: String..., count: Int) throws(CheckpointError) -> [Float] {
        try vector(names, count: count)
    }

    func vector(_ names: [String], count: Int) throws(CheckpointError) -> [Float] {
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
