import PenstockCompute

/// A type in which the numbers of a model's layers are stored, by the names of PyTorch.
public enum DType: String, Sendable, CaseIterable {
    /// Single precision: the numbers of `transformers`.
    case float32
    /// Half the memory and, where the processor has instructions for it, twice as fast.
    case bfloat16
    /// A quarter of the memory: quantised at load, activations as they come.
    case int8
    /// bfloat16 where the processor has instructions for it and the self-check stays in bounds, else float32.
    case auto
}

extension Precision {
    /// The name that users know it by.
    package var dtype: DType {
        switch self {
        case .float32: .float32
        case .bfloat16: .bfloat16
        case .int8: .int8
        }
    }
}
