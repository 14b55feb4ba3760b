import PenstockCompute

/// The part of a layer in the model: by it a format may choose how its weights are stored.
package enum LayerPart: Sendable, Equatable {
    /// Queries, keys and values side by side, of which the last outputs, so many, are values.
    case projections(values: Int)
    /// The matrix that is applied to the output of attention.
    case attentionOutput
    /// The first layer of a feed-forward part, with its gates if it has some.
    case feedForwardInput
    /// The last layer of a feed-forward part.
    case feedForwardOutput
    /// Anything else.
    case other

    /// Gives matrices that lie side by side their roles; one that has two of them is cut.
    package func assign(to matrices: [WeightMatrix]) -> [WeightMatrix] {
        switch self {
        case .projections(let values):
            var scores = matrices.reduce(0) { $0 + $1.rows } - values
            var parts: [WeightMatrix] = []
            for matrix in matrices {
                let border = min(max(scores, 0), matrix.rows)
                if border > 0 { parts.append(matrix.rows(0..<border).with(.scores)) }
                if border < matrix.rows { parts.append(matrix.rows(border..<matrix.rows).with(.values)) }
                scores -= matrix.rows
            }
            return parts
        case .attentionOutput: return matrices.map { $0.with(.attentionOutput) }
        case .feedForwardInput: return matrices.map { $0.with(.feedForwardInput) }
        case .feedForwardOutput: return matrices.map { $0.with(.feedForwardOutput) }
        case .other: return matrices
        }
    }
}

extension WeightMatrix {
    fileprivate func with(_ role: WeightRole) -> WeightMatrix {
        var matrix = self
        matrix.role = role
        return matrix
    }
}
