import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// The options of loading a checkpoint.
public struct LoadOptions: Sendable, Equatable {
    /// The type in which the numbers of its layers are stored; nil for ``DType/blocks`` if it is a GGUF file that has some,
    /// else for ``DType/float32``.
    public var dtype: DType?
    /// True if a model of reduced precision is compared with the same one in float32, which is loaded before it.
    public var checksItself = true
    /// Tokens of the longest input; nil for as many as the model can take.
    public var maxInputTokens: Int?
    /// The type in which keys and values of texts that are generated are stored.
    public var keyValues = KeyValueType.model
    /// Prompts for a model of sentence-transformers, above its own.
    public var prompts = SentencePrompts()

    /// The directory of the model that an adapter changes; nil for what its adapter_config.json names, as a path.
    public var adapterBase: String?

    /// The defaults.
    public init() {}

    /// The defaults, but for how numbers are stored.
    public init(dtype: DType?, checksItself: Bool = true) { (self.dtype, self.checksItself) = (dtype, checksItself) }
}

/// A model in the precision that was asked for, checked if it is not float32.
struct ModelLoading {
    let files: CheckpointFiles
    let readouts: Set<Readout>
    /// Waits for the tokenizer.
    let tokenizer: () throws -> Tokenizer
    let turns: ComputeTurns
    let options: LoadOptions

    struct Result {
        let model: any Model
        let dtype: DType
        var selfCheck: SelfCheck?
        var warnings: [String] = []
    }

    /// Loads the model.
    func load() throws -> Result {
        switch DType.chosen(options.dtype, for: files.checkpoint) {
        case .float32: return try load(in: .float32)
        // Its weights are those of the file, which might not fit the memory as float32.
        case .blocks: return try load(in: .blocks)
        case .bfloat16: return try loadAsAsked(.bfloat16)
        case .int8: return try loadAsAsked(.int8)
        case .int4: return try loadAsAsked(.int4)
        case .auto:
            let fastest = DType.fastest(reading: readouts, on: turns.kernels)
            guard fastest != .float32 else { return try load(in: .float32) }
            let reduced = try loadChecked(fastest)
            guard let concern = reduced.concern else { return reduced.result }
            var exact = try load(in: .float32)
            exact.warnings = ["the model runs in float32: \(concern)"]
            return exact
        }
    }

    /// Whoever asks for a precision gets it, but is warned.
    private func loadAsAsked(_ dtype: DType) throws -> Result {
        var (result, concern) = try loadChecked(dtype)
        result.warnings = concern.map { [$0] } ?? []
        return result
    }

    private func load(in dtype: DType) throws -> Result {
        let target = LoadTarget(
            turns, format: dtype.format(on: turns.kernels), longestInput: options.maxInputTokens,
            hasBytePages: options.keyValues == .int8)
        return Result(model: try files.model(reading: readouts, for: target), dtype: dtype)
    }

    /// A model, and what speaks against it. The models follow each other, so that the memory never holds both.
    private func loadChecked(_ dtype: DType) throws -> (result: Result, concern: String?) {
        guard options.checksItself else { return (try load(in: dtype), nil) }
        let reference: [[Float]]
        do {
            reference = try rows(of: load(in: .float32).model)
        } catch let error as PipelineError {
            return (try load(in: dtype), "\(dtype.rawValue) cannot be checked: \(error.message)")
        }
        var result = try load(in: dtype)
        let check = SelfCheck(of: try rows(of: result.model), with: reference, dtype: dtype)
        result.selfCheck = check
        let concern = "\(dtype.rawValue) failed its self-check, this model is too inexact in it: \(check)"
        return (result, check.isWithinBounds ? nil : concern)
    }

    private func rows(of model: any Model) throws -> [[Float]] {
        do {
            return try SelfCheck.rows(of: model, tokenizer: tokenizer(), in: turns)
        } catch let error as ResourceError {
            throw CheckpointError(.outOfMemory, file: files.checkpoint.directory, "the self-check: \(error)")
        }
    }
}
