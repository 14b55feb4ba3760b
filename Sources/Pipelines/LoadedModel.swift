import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// A checkpoint in memory: the model, its tokenizer, and what loading them found out.
public final class LoadedModel: Sendable {
    /// The last component of the checkpoint's absolute path.
    public let name: String
    /// The type in which the numbers of its layers are stored; never `auto`.
    public let dtype: DType
    /// A comparison with the same model in float32; nil if it is in float32, or was not compared.
    public let selfCheck: SelfCheck?
    /// Warnings for whoever loaded it.
    public let warnings: [String]
    /// The names of the tasks that the checkpoint can do.
    public let supportedTasks: [String]
    /// `model_type` in config.json; nil if it has none.
    package let modelType: String?
    package let model: any Model
    /// Nil for a model that was made without a checkpoint.
    package let tokenizer: Tokenizer?
    private let files: CheckpointFiles?
    private let prompts: SentencePrompts
    /// The reservation of its memory; let go last.
    private let memory: (any Sendable)?

    /// Tokens of the longest input.
    public var maxInputTokens: Int { model.limits.tokens }

    /// Loads a checkpoint.
    ///
    /// - Parameters:
    ///   - readouts: what is to be read out of it
    ///   - memory: what is held as long as the model is there
    /// - Throws: `CheckpointError` or `TokenizerError`, which say what is wrong with which file, and `TurnsEnded`.
    package init(
        _ files: CheckpointFiles, reading readouts: Set<Readout>, _ options: LoadOptions, in turns: ComputeTurns,
        holding memory: (any Sendable)? = nil
    ) throws {
        let makingTokenizer = try files.makeTokenizer()
        let loaded = Result {
            try ModelLoading(
                files: files, readouts: readouts, tokenizer: makingTokenizer, turns: turns, options: options
            ).load()
        }
        // Of two errors that of the tokenizer is told, and nothing is read any more when this is over.
        let tokenizer = try makingTokenizer()
        let model = try loaded.get()
        name = files.name
        dtype = model.dtype
        selfCheck = model.selfCheck
        warnings = model.warnings
        supportedTasks = try files.supportedTasks(in: turns)
        modelType = files.checkpoint.config["model_type"]?.string
        self.model = model.model
        self.tokenizer = tokenizer
        self.files = files
        prompts = options.prompts
        self.memory = memory
    }

    /// Loads a checkpoint directory to read something out of it, on threads of its own.
    ///
    /// - Throws: as the initializer above, and `PipelineError` for a modules.json that says nothing of use.
    package convenience init(
        directory: String, reading readout: Readout, _ options: LoadOptions, threads: Int = AvailableProcessors.count
    ) throws {
        let files = try CheckpointFiles(directory: directory, base: options.adapterBase)
        let lease = ComputePool(threads: threads).lend()
        try self.init(files, reading: [readout], options, in: ComputeTurns(lease.cpu))
    }

    /// A model that was made elsewhere.
    package init(_ model: any Model, name: String) {
        self.name = name
        self.model = model
        (dtype, selfCheck, warnings, supportedTasks) = (.float32, nil, [], [])
        (modelType, tokenizer, files, memory) = (nil, nil, nil, nil)
        prompts = SentencePrompts()
    }

    /// A task on this model.
    ///
    /// - Parameter turns: the processor that packs what the task has of its own
    /// - Throws: `PipelineError` or `CheckpointError` if the checkpoint cannot do it, or was not loaded for it.
    package func task<Task: TaskSteps>(_: Task.Type, in turns: ComputeTurns) throws -> Task {
        guard let files, let tokenizer else { preconditionFailure("a model without a checkpoint has no tasks") }
        guard model.readouts.contains(Task.readout) else {
            throw PipelineError(
                .unsupportedTask, "the model was not loaded for this task, which reads its \(Task.readout.rawValue)")
        }
        return try Task(
            TaskResources(
                directory: files.directory, checkpoint: files.checkpoint, tokenizer: tokenizer, prompts: prompts,
                limits: model.limits,
                target: LoadTarget(turns, format: dtype.format(on: turns.kernels))))
    }
}
