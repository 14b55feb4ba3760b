import PenstockCheckpoints
import PenstockCompute
import PenstockModels

/// A type in which the numbers of a model's layers are stored, by the names of PyTorch.
public enum DType: String, Sendable, CaseIterable {
    /// Single precision: the numbers of `transformers`.
    case float32
    /// Half the memory and, where the processor has instructions for it, twice as fast.
    case bfloat16
    /// A quarter of the memory: quantised at load, activations as they come.
    case int8
    /// Less than a fifth of the memory: blocks of 32 weights with a scale each, made at load, of 4, 5 or 6 bits by what a
    /// matrix is for; tables and heads of the vocabulary have 8.
    case int4
    /// The blocks of a GGUF file, computed as they are; what it has no blocks of, in bfloat16 where the processor has
    /// instructions for it, else in float32. Of a checkpoint without blocks it is ``auto``.
    case blocks
    /// Of a GGUF file with blocks these; else bfloat16 where the processor gains by it and the self-check stays in bounds,
    /// else float32. A model that generates gains by instructions for bfloat16, any other if these are the faster ones.
    case auto
}

extension DType {
    /// The form in which layers are stored.
    ///
    /// - Precondition: it is not `auto`, which has to be chosen first.
    package func format(on kernels: Kernels) -> WeightFormat {
        switch self {
        case .float32: .numbers(.float32)
        case .bfloat16: .numbers(.bfloat16)
        case .int8: .numbers(.int8)
        case .int4: .int4
        case .blocks: .blocksOfFile(else: kernels.hasInstructions(for: .bfloat16) ? .bfloat16 : .float32)
        case .auto: preconditionFailure("a dtype that is not chosen yet")
        }
    }

    /// The precision of the products, of which a machine has a peak.
    package var arithmetic: Precision {
        switch self {
        case .float32, .auto: .float32
        case .bfloat16: .bfloat16
        case .int8, .int4, .blocks: .int8
        }
    }

    /// The dtype in which a checkpoint is loaded if this one was asked for.
    ///
    /// - Parameter asked: nil for the default: `blocks` for a GGUF file that has some, else `float32`
    package static func chosen(_ asked: DType?, for checkpoint: Checkpoint) -> DType {
        guard checkpoint.gguf?.hasBlocks == true else { return asked == .blocks ? .auto : asked ?? .float32 }
        let asked = asked ?? .blocks
        return asked == .auto ? .blocks : asked
    }

    /// The dtype that `auto` is, if the self-check of a model does not object: ``bfloat16`` or ``float32``.
    ///
    /// A model that generates reads more than it computes, so that half the bytes are a gain wherever there are instructions.
    package static func fastest(reading readouts: Set<Readout>, on kernels: Kernels) -> DType {
        let isGain =
            readouts.contains(.nextTokenLogits) ? kernels.hasInstructions(for: .bfloat16) : kernels.gainsByBFloat16
        return isGain ? .bfloat16 : .float32
    }
}
