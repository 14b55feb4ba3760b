import PenstockCompute

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
