import PenstockCheckpoints
import PenstockCompute

/// Layers out of the tensors of a checkpoint.
package struct LayerWeights: Sendable {
    let weights: Weights
    package let target: LoadTarget
    let tiedHeads: TiedHeads

    /// The layers of all tensors.
    package init(_ weights: Weights, for target: LoadTarget) {
        self.init(weights, for: target, tiedHeads: TiedHeads())
    }

    private init(_ weights: Weights, for target: LoadTarget, tiedHeads: TiedHeads) {
        (self.weights, self.target, self.tiedHeads) = (weights, target, tiedHeads)
    }

    /// The layers of the tensors below `path`.
    package subscript(path: String) -> LayerWeights {
        LayerWeights(weights[path], for: target, tiedHeads: tiedHeads)
    }

    /// The error of a checkpoint whose architecture has no such head, by what is missing.
    func hasNoHead(_ head: String) -> CheckpointError {
        CheckpointError(.missingTensor, file: weights.file, "architectures of this model_type do not have \(head)")
    }

    /// The error of a checkpoint whose architecture does not generate.
    var hasNoGenerator: CheckpointError { hasNoHead("a head for generation") }

    /// The error of a checkpoint whose configuration does not fit its tensors.
    func unfit(_ message: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: weights.file, message)
    }

    /// True if there is no tensor below the path.
    var isEmpty: Bool { weights.isEmpty }

    /// Tells whether there is a tensor of this name.
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
        try values(names.first(where: weights.has) ?? names[0], shape: [count], rows: 1)
    }

    /// The values of a small table, row after row: `[rows, columns]`.
    func table(_ name: String, rows: Int, columns: Int) throws(CheckpointError) -> [Float] {
        try values(name, shape: [rows, columns], rows: rows)
    }

    private func values(_ name: String, shape: [Int], rows: Int) throws(CheckpointError) -> [Float] {
        let tensor = try weights.tensor(name, shape: shape)
        let matrix = try tensor.matrix(rows: rows)
        if let plan = target.plan {
            let count = shape.reduce(1, *)
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
    /// - Parameters:
    ///   - format: how it is stored; nil for that of the target
    ///   - part: what it is in the model
    package func linear(
        _ names: String..., inputs: Int, outputs: Int, bias hasBias: Bool = true, format: WeightFormat? = nil,
        as part: LayerPart = .other
    ) throws(CheckpointError) -> Linear {
        var tensors: [Tensor] = []
        var bias: [Float] = []
        for name in names {
            tensors.append(try weights[name].tensor("weight", shape: [outputs, inputs]))
            if hasBias { bias += try self[name].vector("bias", count: outputs) }
        }
        return try linear(tensors, rows: outputs, bias: hasBias ? bias : nil, format ?? target.format, as: part)
    }

    /// A layer out of a weight `[outputs, inputs]` and a bias, if any, with names of their own.
    func linear(
        weight name: String, bias: [Float]?, inputs: Int, outputs: Int, format: WeightFormat
    ) throws(CheckpointError) -> Linear {
        try linear([weights.tensor(name, shape: [outputs, inputs])], rows: outputs, bias: bias, format, as: .other)
    }

    private func linear(
        _ tensors: [Tensor], rows: Int, bias: [Float]?, _ format: WeightFormat, as part: LayerPart
    ) throws(CheckpointError) -> Linear {
        var matrices: [WeightMatrix] = []
        for tensor in tensors { matrices.append(try tensor.matrix(rows: rows)) }
        return try linear(matrices, of: tensors[0], bias: bias, format, as: part)
    }

    /// A layer out of matrices that lie side by side.
    func linear(
        _ matrices: [WeightMatrix], of tensor: Tensor, bias: [Float]?, _ format: WeightFormat, as part: LayerPart
    ) throws(CheckpointError) -> Linear {
        let matrices = part.assign(to: matrices)
        if let plan = target.plan {
            let layer = Linear(planned: matrices, hasBias: bias != nil, format: format)
            // The bias was counted as a vector.
            plan.add(layer.residentBytes - (bias?.count ?? 0) * MemoryLayout<Float>.stride)
            return layer
        }
        return try loading(tensor) {
            try Linear(matrices, bias: bias, format: format, in: target.turns)
        }
    }

    /// Returns what `body` makes of a tensor, with errors that are the checkpoint's.
    func loading<Part>(_ tensor: Tensor, _ body: () throws -> Part) throws(CheckpointError) -> Part {
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

    /// The angles by which positions turn queries and keys, for as many positions as the target's inputs have.
    ///
    /// - Parameter scale: what cosines and sines are multiplied by
    func rotaryTable(
        frequencies: [Float], positions: Int, scale: Float = 1
    ) throws(CheckpointError) -> RotaryTable {
        let positions = min(positions, target.longestInput ?? .max)
        if let plan = target.plan {
            let table = RotaryTable(planned: positions, pairs: frequencies.count)
            plan.add(table.bytes)
            return table
        }
        do {
            return try RotaryTable(frequencies: frequencies, positions: positions, scale: scale)
        } catch {
            throw CheckpointError(.outOfMemory, file: weights.file, "the angles of \(positions) positions: \(error)")
        }
    }

    /// A layer normalisation with `weight` and, if it has one, `bias`, in old files `gamma` and `beta`.
    func layerNorm(
        _ name: String, size: Int, epsilon: Double, bias hasBias: Bool = true
    ) throws(CheckpointError) -> LayerNorm {
        LayerNorm(
            weight: try self[name].vector("weight", "gamma", count: size),
            bias: hasBias ? try self[name].vector("bias", "beta", count: size) : nil,
            epsilon: Float(epsilon))
    }
}
