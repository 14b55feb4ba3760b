import PenstockCheckpoints
import PenstockCompute

/// Layers out of the tensors of a checkpoint.
package struct LayerWeights: Sendable {
    private let weights: Weights
    package let target: LoadTarget

    /// The layers of all tensors.
    package init(_ weights: Weights, for target: LoadTarget) {
        self.weights = weights
        self.target = target
    }

    /// The layers of the tensors below `path`.
    package subscript(path: String) -> LayerWeights { LayerWeights(weights[path], for: target) }

    /// The error of a checkpoint whose architecture has no such head, by what is missing.
    func hasNoHead(_ head: String) -> CheckpointError {
        CheckpointError(.missingTensor, file: weights.file, "an architecture of this model_type has no \(head)")
    }

    /// The error of a checkpoint whose configuration does not fit its tensors.
    func unfit(_ message: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: weights.file, message)
    }

    /// Whether there is no tensor below the path.
    var isEmpty: Bool { weights.isEmpty }

    /// Whether there is a tensor of this name.
    func has(_ name: String) -> Bool { weights.has(name) }

    /// The shape of the tensor of this name; nil if there is none.
    func shape(of name: String) -> [Int]? { weights.shape(of: name) }

    /// The error of a tensor that is not what the architecture needs.
    func unfit(_ name: String, _ message: String) -> CheckpointError {
        CheckpointError(.unfitTensor, file: weights.file, "tensor \(name) \(message)")
    }

    /// A vector of `count` integers, each of them at least 0 and below `bound`.
    func indices(_ name: String, count: Int, below bound: Int) throws(CheckpointError) -> [Int32] {
        let tensor = try weights.tensor(name, shape: [count])
        if let plan = target.plan {
            plan.add(count * MemoryLayout<Int32>.stride)
            return []
        }
        return try tensor.indices(below: bound)
    }

    /// A vector of `count` values, under the first of several names that is there.
    package func vector(_ names: String..., count: Int) throws(CheckpointError) -> [Float] {
        try vector(names, count: count)
    }

    func vector(_ names: [String], count: Int) throws(CheckpointError) -> [Float] {
        let name = names.first(where: weights.has) ?? names[0]
        let tensor = try weights.tensor(name, shape: [count])
        let matrix = try tensor.matrix(rows: 1)
        if let plan = target.plan {
            plan.add(count * MemoryLayout<Float>.stride)
            return Array(repeating: 0, count: count)
        }
        return try loading(tensor) { try matrix.floats() }
    }

    /// A table of `count` rows of `size` values.
    func embedding(_ name: String, count: Int, size: Int) throws(CheckpointError) -> Embedding {
        let tensor = try weights.tensor(name, shape: [count, size])
        let matrix = try tensor.matrix(rows: count)
        if let plan = target.plan {
            let table = Embedding(planned: count, columns: size)
            plan.add(table.bytes)
            return table
        }
        return try loading(tensor) { try Embedding(matrix, in: target.turns) }
    }

    /// A layer with a weight `[outputs, inputs]` and a bias `[outputs]` below each of these names, side by side.
    ///
    /// - Parameter precision: how it is stored; nil for that of the target.
    package func linear(
        _ names: String..., inputs: Int, outputs: Int, bias hasBias: Bool = true, precision: Precision? = nil
    ) throws(CheckpointError) -> Linear {
        var tensors: [Tensor] = []
        var bias: [Float] = []
        for name in names {
            tensors.append(try weights[name].tensor("weight", shape: [outputs, inputs]))
            if hasBias { bias += try self[name].vector("bias", count: outputs) }
        }
        return try linear(tensors, rows: outputs, bias: hasBias ? bias : nil, precision ?? target.precision)
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
        if let plan = target.plan {
            let layer = Linear(
                planned: matrices[0].columns, outputs: rows * tensors.count, hasBias: bias != nil, precision: precision)
            // The bias was counted as a vector.
            plan.add(layer.residentBytes - (bias?.count ?? 0) * MemoryLayout<Float>.stride)
            return layer
        }
        return try loading(tensors[0]) {
            try Linear(matrices, bias: bias, precision: precision, in: target.turns)
        }
    }

    /// What `body` makes of a tensor, with errors that are the checkpoint's.
    private func loading<Part>(_ tensor: Tensor, _ body: () throws -> Part) throws(CheckpointError) -> Part {
        do {
            return try body()
        } catch let error as CheckpointError {
            throw error
        } catch is TurnsEnded {
            throw CheckpointError(.abandoned, file: tensor.file, "nobody waits for it any more")
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
