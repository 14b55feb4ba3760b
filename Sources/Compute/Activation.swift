import CKernels

/// An element-wise function that a layer applies to its output.
package enum Activation: Sendable, CaseIterable {
    /// x
    case none
    /// max(x, 0)
    case relu
    /// x·Φ(x), by the error function
    case gelu
    /// ½x·(1 + tanh(√(2/π)·(x + 0.044715x³)))
    case geluTanh
    /// x·σ(1.702x)
    case geluQuick
    /// x·σ(x)
    case silu
    /// 1/(1 + e^-x)
    case sigmoid
    /// tanh x
    case tanh

    /// The function as the kernels know it.
    package var kernel: penstock_activation {
        switch self {
        case .none: penstock_activation_none
        case .relu: penstock_activation_relu
        case .gelu: penstock_activation_gelu
        case .geluTanh: penstock_activation_gelu_tanh
        case .geluQuick: penstock_activation_gelu_quick
        case .silu: penstock_activation_silu
        case .sigmoid: penstock_activation_sigmoid
        case .tanh: penstock_activation_tanh
        }
    }
}

extension Activation {
    /// The functions by the names of `hidden_act` in config.json (`ACT2FN` of `transformers`).
    package static let byName: [String: Activation] = [
        "gelu": .gelu,
        "gelu_python": .gelu,
        "gelu_accurate": .geluTanh,
        "gelu_fast": .geluTanh,
        "gelu_new": .geluTanh,
        "gelu_pytorch_tanh": .geluTanh,
        "gelu_python_tanh": .geluTanh,
        "linear": .none,
        "quick_gelu": .geluQuick,
        "relu": .relu,
        "sigmoid": .sigmoid,
        "silu": .silu,
        "swish": .silu,
        "tanh": .tanh,
    ]
}
