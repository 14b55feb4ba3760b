/// A layer normalisation over each row: (x - mean) / √(variance + epsilon)·weight + bias.
package struct LayerNorm: Sendable {
    let weight: [Float]?
    let bias: [Float]?
    let epsilon: Float

    /// - Parameters:
    ///   - weight: the gain of each number of a row; nil for 1.
    ///   - bias: what is added to each number of a row; nil for nothing.
    /// - Precondition: both have the same length.
    package init(weight: [Float]? = nil, bias: [Float]? = nil, epsilon: Float) {
        if let weight, let bias { precondition(weight.count == bias.count) }
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }
}

/// A normalisation of each row by its root mean square: x / √(mean of x² + epsilon)·weight (Zhang and Sennrich 2019).
package struct RMSNorm: Sendable {
    let weight: [Float]?
    let epsilon: Float

    /// - Parameters:
    ///   - weight: the gain of each number of a row; nil for 1.
    ///   - addsOne: whether the gain is 1 + weight, as Gemma has it.
    package init(weight: [Float]? = nil, addsOne: Bool = false, epsilon: Float) {
        self.weight = addsOne ? weight?.map { 1 + $0 } : weight
        self.epsilon = epsilon
    }
}
