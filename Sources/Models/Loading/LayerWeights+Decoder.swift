import PenstockCheckpoints
import PenstockCompute

extension LayerWeights {
    /// A normalisation by the root mean square with a `weight`.
    ///
    /// - Parameter addsOne: whether the gain is 1 + weight, as Gemma has it
    func rmsNorm(_ name: String, size: Int, epsilon: Double, addsOne: Bool = false) throws(CheckpointError) -> RMSNorm {
        RMSNorm(weight: try self[name].vector("weight", count: size), addsOne: addsOne, epsilon: Float(epsilon))
    }

    /// A layer whose weight `transformers` stores as `[inputs, outputs]`, as that of GPT-2, with a bias.
    func transposedLinear(
        _ name: String, inputs: Int, outputs: Int, as part: LayerPart
    ) throws(CheckpointError) -> Linear {
        if weights.hasOutputsFirst { return try linear(name, inputs: inputs, outputs: outputs, as: part) }
        let tensor = try weights[name].tensor("weight", shape: [inputs, outputs])
        let matrix = try tensor.matrix(rows: inputs)
        let bias = try self[name].vector("bias", count: outputs)
        // Weights that are only planned are not read.
        let transposed =
            target.plan == nil
            ? try loading(tensor) { try matrix.transposed() }
            : WeightMatrix(element: .float32, rows: outputs, columns: inputs) { _, _ in }
        return try linear([transposed], of: tensor, bias: bias, target.format, as: part)
    }

    /// Queries, keys and values whose rows are stored head by head, `[heads, 3, headSize]`, as BLOOM and GPT-NeoX have them:
    /// as one layer with all queries, then all keys, then all values.
    func linearByHead(
        _ name: String, inputs: Int, heads: Int, headSize: Int, bias hasBias: Bool
    ) throws(CheckpointError) -> Linear {
        let outputs = 3 * heads * headSize
        let tensor = try weights[name].tensor("weight", shape: [outputs, inputs])
        let matrix = try tensor.matrix(rows: outputs)
        let stored = hasBias ? try self[name].vector("bias", count: outputs) : []
        var parts: [WeightMatrix] = []
        var bias: [Float] = []
        for part in 0..<3 {
            for head in 0..<heads {
                let first = (3 * head + part) * headSize
                parts.append(matrix.rows(first..<first + headSize))
                if hasBias { bias += stored[first..<first + headSize] }
            }
        }
        return try linear(
            parts, of: tensor, bias: hasBias ? bias : nil, target.format, as: .projections(values: heads * headSize))
    }

    /// Layers of different sizes side by side, each with a weight `[outputs, inputs]` and, if any of them has one, a bias.
    func linears(
        _ layers: [(name: String, outputs: Int)], inputs: Int, bias hasBias: Bool, as part: LayerPart
    ) throws(CheckpointError) -> Linear {
        var parts: [WeightMatrix] = []
        var bias: [Float] = []
        var first: Tensor?
        for layer in layers {
            let tensor = try weights[layer.name].tensor("weight", shape: [layer.outputs, inputs])
            first = first ?? tensor
            parts.append(try tensor.matrix(rows: layer.outputs))
            if hasBias { bias += try self[layer.name].vector("bias", count: layer.outputs) }
        }
        guard let first else { preconditionFailure("a layer of no layers") }
        return try linear(parts, of: first, bias: hasBias ? bias : nil, target.format, as: part)
    }
}
