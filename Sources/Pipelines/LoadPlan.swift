import PenstockCheckpoints
import PenstockCompute
import PenstockModels

/// The memory that a model and the tasks on it take, known from the headers of their files before anything is loaded.
package struct LoadPlan: Sendable {
    /// Bytes that it holds as long as it is loaded: layers in the order that kernels read, those of the tasks' own, tables,
    /// the tokenizer.
    package let residentBytes: Int
    /// Bytes that it takes more while it is loaded.
    package let transientBytes: Int
    /// A model of these sizes whose layers have no memory.
    package let model: any Model

    /// That model, if it is to generate.
    package var decoder: DecoderModel? {
        model.readouts.contains(.nextTokenLogits) ? model as? DecoderModel : nil
    }

    /// Bytes that a tokenizer takes for each byte of its files: those of the vocabulary several times over, in tables that
    /// find tokens by their bytes and bytes by their tokens.
    private static let bytesPerTokenizerByte = 12
    /// Bytes more for each of them in a model that generates: the tokens as the grammars of forms see them, and what is
    /// remembered of these.
    private static let bytesOfFormsPerTokenizerByte = 4
    /// Tokens that the self-check computes at most.
    private static let checkedTokens = 512

    /// A model of a precision.
    private struct Planned {
        let model: any Model
        let modelBytes: Int
        /// The bytes of what the tasks have beside it.
        let taskBytes: Int

        var bytes: Int { modelBytes + taskBytes }
    }

    /// - Parameters:
    ///   - tasks: what is asked of the model
    ///   - companions: what may be asked of it, too, if the checkpoint can do it
    /// - Throws: `CheckpointError` for files that are no model of this configuration.
    package init(
        _ files: CheckpointFiles, for tasks: [any TaskSteps.Type], besides companions: [any TaskSteps.Type] = [],
        _ options: LoadOptions, in turns: ComputeTurns
    ) throws {
        let readouts = Set(tasks.map { $0.readout })
        func planned(_ dtype: DType) throws -> Planned {
            let format = dtype.format(on: turns.kernels)
            func target(_ count: WeightCount) -> LoadTarget {
                LoadTarget(
                    turns, format: format, longestInput: options.maxInputTokens,
                    hasBytePages: options.keyValues == .int8, plan: count)
            }
            let (ofModel, ofTasks) = (WeightCount(), WeightCount())
            let model = try files.model(reading: readouts, for: target(ofModel))
            for task in tasks { try task.planLayers(of: files, model.limits, for: target(ofTasks)) }
            for task in companions { try? task.planLayers(of: files, model.limits, for: target(ofTasks)) }
            return Planned(model: model, modelBytes: ofModel.bytes, taskBytes: ofTasks.bytes)
        }
        let ofForms = readouts.contains(.nextTokenLogits) ? Self.bytesOfFormsPerTokenizerByte : 0
        let tokenizer = (Self.bytesPerTokenizerByte + ofForms) * files.tokenizerBytes
        // What is read again for each precision is kept until all of it is read.
        let adapter = try files.checkpoint.hasAdapter ? files.checkpoint.weights().adapterBytes : 0
        let dtype = DType.chosen(options.dtype, for: files.checkpoint)
        let reduced = dtype == .auto ? DType.fastest(reading: readouts, on: turns.kernels) : dtype
        let final = try planned(reduced)
        guard reduced != .float32, reduced != .blocks else {
            (model, residentBytes, transientBytes) = (final.model, final.bytes + tokenizer, adapter)
            return
        }
        let exact = try planned(.float32)
        // Chosen by the self-check, it may be the exact one in the end.
        let resident = dtype == .auto ? max(exact.bytes, final.bytes) : final.bytes
        (model, residentBytes) = (final.model, resident + tokenizer)
        guard options.checksItself else {
            transientBytes = adapter
            return
        }
        let tokens = max(Self.checkedTokens, final.model.limits.tokens)
        let check = try turns.turn {
            exact.model.workspaceBytes(tokens: min(tokens, 5 * exact.model.limits.tokens), on: $0)
        }
        let rows =
            2 * MemoryLayout<Float>.stride
            * exact.model.widths.reduce(0) { most, readout in
                let count = readout.key.isOfSequences ? SelfCheck.textCount : Self.checkedTokens
                return max(most, count * max(readout.value, exact.model.limits.hiddenSize))
            }
        // The tasks make their layers when the check is over.
        transientBytes = adapter + max(0, max(exact.modelBytes, final.modelBytes) + check + rows - resident)
    }
}

extension CheckpointFiles {
    /// Bytes of the files that a tokenizer may be read from.
    var tokenizerBytes: Int {
        if let gguf = checkpoint.gguf { return gguf.headerBytes }
        let older = [
            "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model",
            "source.spm",
        ]
        return checkpoint.fileSize("tokenizer.json") ?? older.reduce(0) { $0 + (checkpoint.fileSize($1) ?? 0) }
    }
}
