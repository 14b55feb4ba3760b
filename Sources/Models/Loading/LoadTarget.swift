import PenstockCompute
import Synchronization

/// The target that a model's layers are made for: who packs them, and how their numbers are stored.
package struct LoadTarget: Sendable {
    /// The processor that packs the weights.
    package let turns: ComputeTurns
    /// The form in which the model's layers are stored.
    package let format: WeightFormat
    /// Tokens of the longest input; nil for as many as the model can take.
    package let longestInput: Int?
    /// True if keys and values of texts that are generated are stored as bytes.
    package let hasBytePages: Bool
    /// Counts what layers would take, which are not loaded then; nil to load them.
    package let plan: WeightCount?

    /// A target of `format` on the kernels of `turns`.
    package init(
        _ turns: ComputeTurns, format: WeightFormat, longestInput: Int? = nil, hasBytePages: Bool = false,
        plan: WeightCount? = nil
    ) {
        (self.turns, self.format, self.longestInput, self.plan) = (turns, format, longestInput, plan)
        self.hasBytePages = hasBytePages
    }

    /// A target of numbers of `precision`.
    package init(
        _ turns: ComputeTurns, precision: Precision = .float32, longestInput: Int? = nil, plan: WeightCount? = nil
    ) {
        self.init(turns, format: .numbers(precision), longestInput: longestInput, plan: plan)
    }

    /// The precisions of what passes between the layers. Unlike the target, it may outlive the loading.
    package var activations: ActivationPrecisions {
        ActivationPrecisions(attention: attentionPrecision, input: inputPrecision)
    }

    /// The precision of attention: no wider than is fast, beside layers that are narrower.
    private var attentionPrecision: Precision {
        format != .numbers(.float32) && turns.kernels.hasInstructions(for: .bfloat16) ? .bfloat16 : .float32
    }

    /// The precision of rows whose only use is to be the input of a layer of the encoder.
    private var inputPrecision: Precision { format == .numbers(.bfloat16) ? .bfloat16 : .float32 }

    /// The form of heads, whose outputs are answers: a step wider than the encoder, or as the file has them.
    package var headFormat: WeightFormat {
        switch format {
        case .numbers(.float32), .numbers(.bfloat16): .numbers(.float32)
        case .blocksOfFile: .blocksOfFile(else: .float32)
        case .numbers(.int8), .int4, .int8Blocks:
            .numbers(turns.kernels.hasInstructions(for: .bfloat16) ? .bfloat16 : .float32)
        }
    }

    /// The form of the vectors of words; nil for those that are looked up in a table of float32.
    var tableFormat: WeightFormat? {
        switch format {
        case .numbers: nil
        case .blocksOfFile: format
        case .int4, .int8Blocks: .int8Blocks
        }
    }
}

/// The bytes of weights that are planned and not loaded.
package final class WeightCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    /// The bytes so far.
    package var bytes: Int { count.load(ordering: .relaxed) }

    /// Counts further bytes.
    package func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}

/// The precisions of the numbers that pass between the layers of an encoder.
package struct ActivationPrecisions: Sendable {
    /// Of queries, keys and values.
    package let attention: Precision
    /// Of rows whose only use is to be the input of a layer.
    package let input: Precision
}
