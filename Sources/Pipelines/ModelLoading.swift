import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// A model in the precision that was asked for, checked if it is not float32.
struct ModelLoading {
    let checkpoint: Checkpoint
    let readout: Readout
    let tokenizer: Tokenizer
    let cpu: CPU

    struct Result {
        let model: any Model
        let engine: Engine
        let selfCheck: SelfCheck?
        var warnings: [String] = []
    }

    /// Loads the model.
    func load(_ dtype: DType) throws -> Result {
        switch dtype {
        case .float32: return try load(in: .float32)
        case .bfloat16: return try loadAsAsked(.bfloat16)
        case .int8: return try loadAsAsked(.int8)
        case .auto:
            guard cpu.kernels.hasInstructions(for: .bfloat16) else { return try load(in: .float32) }
            let reduced = try loadChecked(.bfloat16)
            guard let check = reduced.selfCheck, !check.isWithinBounds else { return reduced }
            var exact = try load(in: .float32)
            exact.warnings = ["bfloat16 failed its self-check, so the model runs in float32: \(check)"]
            return exact
        }
    }

    /// Whoever asks for a precision gets it, but is warned.
    private func loadAsAsked(_ precision: Precision) throws -> Result {
        var result = try loadChecked(precision)
        if let check = result.selfCheck, !check.isWithinBounds {
            result.warnings = ["the self-check found this model too inexact in \(precision.rawValue): \(check)"]
        }
        return result
    }

    private func load(in precision: Precision, check: ((any Model) throws -> SelfCheck)? = nil) throws -> Result {
        let engine = Engine(cpu, precision: precision)
        let model = try ModelRegistry.load(checkpoint, readout: readout, for: engine)
        return Result(model: model, engine: engine, selfCheck: try check?(model))
    }

    /// The models follow each other, so that the memory never holds both.
    private func loadChecked(_ precision: Precision) throws -> Result {
        let reference = try rows(of: load(in: .float32).model)
        return try load(in: precision) { model in
            SelfCheck(of: try rows(of: model), with: reference, precision: precision)
        }
    }

    private func rows(of model: any Model) throws -> [[Float]] {
        try SelfCheck.rows(of: model, readout: readout, tokenizer: tokenizer, on: cpu)
    }
}
