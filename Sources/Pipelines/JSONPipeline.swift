import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels

/// A task on a loaded model as clients speak to it, whatever the task is.
public final class JSONPipeline: Sendable {
    /// The task by its name in `transformers.pipeline`.
    public var task: String { names[0] }
    /// All names of the task.
    public let names: [String]
    /// The task itself, for those who speak another language than its JSON.
    package let steps: any TaskSteps
    /// The model that computes it.
    public let loaded: LoadedModel
    /// Warnings for whoever loaded it, beside what ``LoadedModel/warnings`` say.
    public let warnings: [String]
    /// The descriptions of its options for users.
    package let options: [OptionDescription]
    /// Shows how its texts are tokenized; nil for a pipeline without a tokenizer.
    package let tokenization: Tokenization?
    private let measure: @Sendable (JSONValue) -> TextSize
    private let checker: @Sendable (JSONObject) async throws(PipelineError) -> Void
    private let preparer:
        @Sendable (JSONValue, JSONObject, JSONShape, RequestScope) async throws(PipelineError) -> PreparedRequest<
            [UInt8]
        >

    /// Loads a checkpoint directory for a task, on threads of its own.
    ///
    /// - Parameters:
    ///   - directory: in the layout of the Hugging Face Hub
    ///   - task: what to do with it; nil for what the checkpoint was made for
    ///   - threads: how many threads load it
    /// - Throws: `CheckpointError`, `TokenizerError` or ``PipelineError``, which say what is wrong with which file.
    public convenience init(
        directory: String, task: String? = nil, _ options: LoadOptions = LoadOptions(),
        threads: Int = AvailableProcessors.count
    ) throws {
        let found = try CheckpointFiles(directory: directory, base: options.adapterBase)
        let entry = try found.entry(forTask: task)
        let files = try found.asked(for: [entry.type])
        let lease = ComputePool(threads: threads).lend()
        let turns = ComputeTurns(lease.cpu)
        try files.require([entry.type], in: turns)
        let loaded = try LoadedModel(files, reading: [entry.type.readout], options, in: turns)
        try self.init(entry, on: loaded, in: turns)
    }

    /// A task on a loaded model.
    ///
    /// - Throws: `PipelineError` or `CheckpointError` if the checkpoint cannot do it, or was not loaded for it.
    package convenience init(
        _ entry: TaskRegistry.Entry, on loaded: LoadedModel, in turns: ComputeTurns
    ) throws {
        try self.init(entry.type, named: entry.names, on: loaded, in: turns)
    }

    private convenience init<Task: JSONForm>(
        _: Task.Type, named names: [String], on loaded: LoadedModel, in turns: ComputeTurns
    ) throws {
        self.init(try loaded.task(Task.self, in: turns), named: names, on: loaded)
    }

    /// A task that was made elsewhere.
    ///
    /// - Parameter names: by which it is known, at least one
    package init<Task: JSONForm>(_ task: Task, named names: [String], on loaded: LoadedModel) {
        precondition(!names.isEmpty)
        self.names = names
        steps = task
        self.loaded = loaded
        warnings = task.warnings
        options = Task.optionDescriptions
        tokenization = loaded.tokenizer.map(Tokenization.init)
        measure = Task.textSize
        checker = { (parameters) async throws(PipelineError) in try await task.check(parameters: parameters) }
        preparer = { (inputs, parameters, shape, scope) async throws(PipelineError) in
            try await task.prepare(inputs, parameters: parameters, as: shape, in: scope)
        }
    }

    /// Returns how many texts inputs have at least, and their bytes.
    package func textSize(of inputs: JSONValue) -> TextSize { measure(inputs) }

    /// Checks options without any input.
    ///
    /// - Throws: ``PipelineError`` for those with which no input can be answered.
    package func check(parameters: JSONObject) async throws(PipelineError) { try await checker(parameters) }

    /// Checks and tokenizes a request; see ``JSONForm/prepare(_:parameters:as:in:)``.
    package func prepare(
        _ inputs: JSONValue, parameters: JSONObject = JSONObject(), as shape: JSONShape = .pipeline,
        in scope: RequestScope = .unbounded
    ) async throws(PipelineError) -> PreparedRequest<[UInt8]> {
        try await preparer(inputs, parameters, shape, scope)
    }
}
