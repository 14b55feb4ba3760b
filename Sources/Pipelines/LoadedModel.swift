import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// A checkpoint in memory: the model, its tokenizer, and what loading them found out.
public final class LoadedModel: Sendable {
    /// The last component of the checkpoint's path.
    public let name: String
    /// How the numbers of its layers are stored; never `auto`.
    public let dtype: DType
    /// How close it is to the same model in float32; nil if it is in float32, or was not compared.
    public let selfCheck: SelfCheck?
    /// What should worry whoever loaded it.
    public let warnings: [String]
    package let model: any Model
    /// Nil for a model that was made without a checkpoint.
    package let tokenizer: Tokenizer?
    private let resources: TaskResources?

    /// Tokens of the longest input.
    public var maxInputTokens: Int { model.limits.tokens }

    /// Loads a checkpoint.
    ///
    /// - Parameters:
    ///   - readout: what is to be read out of it
    ///   - checksItself: whether a model of reduced precision is compared with the same one in float32
    /// - Throws: `CheckpointError` or `TokenizerError`, which say what is wrong with which file.
    package init(
        _ files: CheckpointFiles, reading readout: Readout, _ dtype: DType, checksItself: Bool, on cpu: CPU
    ) throws {
        let checkpoint = files.checkpoint
        let tokenizer = try Tokenizer(directory: checkpoint.directory)
        let loaded = try ModelLoading(
            checkpoint: checkpoint, readouts: [readout], tokenizer: tokenizer, cpu: cpu, checksItself: checksItself
        ).load(dtype)
        name = files.name
        self.dtype = loaded.engine.precision.dtype
        selfCheck = loaded.selfCheck
        warnings = loaded.warnings
        model = loaded.model
        self.tokenizer = tokenizer
        resources = TaskResources(
            directory: files.directory, checkpoint: checkpoint, tokenizer: tokenizer, limits: loaded.model.limits,
            engine: loaded.engine)
    }

    /// Loads a checkpoint directory to read something out of it.
    ///
    /// - Parameter threads: how many threads load it
    /// - Throws: as the initializer above, and `PipelineError` for a modules.json that says nothing of use.
    package convenience init(
        directory: String, reading readout: Readout, _ dtype: DType, threads: Int = AvailableProcessors.count,
        checksItself: Bool = true
    ) throws {
        let files = try CheckpointFiles(directory: directory)
        try self.init(files, reading: readout, dtype, checksItself: checksItself, on: CPU(threads: threads))
    }

    /// A model that was made elsewhere.
    package init(_ model: any Model, name: String) {
        self.name = name
        self.model = model
        (dtype, selfCheck, warnings, tokenizer, resources) = (.float32, nil, [], nil, nil)
    }

    /// A task on this model.
    ///
    /// - Throws: `PipelineError` or `CheckpointError` if the checkpoint cannot do it.
    package func task<Task: TaskSteps>(_: Task.Type) throws -> Task {
        guard let resources else { preconditionFailure("a model without a checkpoint has no tasks") }
        return try Task(resources)
    }
}
