import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels

/// A task on a loaded model as clients speak to it, whatever the task is.
public final class JSONPipeline: Sendable {
    /// The task by its name in `transformers.pipeline`.
    public let task: String
    /// What computes it.
    public let loaded: LoadedModel
    /// What users are told of its options.
    package let options: [OptionDescription]
    /// Shows how its texts are tokenized; nil for a pipeline without a tokenizer.
    package let tokenization: Tokenization?
    private let preparer:
        @Sendable (JSONValue, JSONObject, RequestScope) async throws(PipelineError) -> PreparedRequest<[UInt8]>

    /// Loads a checkpoint directory for a task.
    ///
    /// - Parameters:
    ///   - directory: in the layout of the Hugging Face Hub
    ///   - task: what to do with it; nil for what the checkpoint was made for
    ///   - dtype: how to store the numbers of its layers
    ///   - threads: how many threads load it
    ///   - checksItself: whether a model of reduced precision is compared with the same one in float32, which is loaded
    ///     before it
    /// - Throws: `CheckpointError`, `TokenizerError` or ``PipelineError``, which say what is wrong with which file.
    public convenience init(
        directory: String, task: String? = nil, dtype: DType = .float32, threads: Int = AvailableProcessors.count,
        checksItself: Bool = true
    ) throws {
        let files = try CheckpointFiles(directory: directory)
        let entry = try files.entry(forTask: task)
        try self.init(
            entry.type, named: entry.names[0],
            on: LoadedModel(
                files, reading: entry.type.readout, dtype, checksItself: checksItself, on: CPU(threads: threads)))
    }

    private convenience init<Task: JSONForm>(_: Task.Type, named name: String, on loaded: LoadedModel) throws {
        self.init(try loaded.task(Task.self), named: name, on: loaded)
    }

    /// A task that was made elsewhere.
    package init<Task: JSONForm>(_ task: Task, named name: String, on loaded: LoadedModel) {
        self.task = name
        self.loaded = loaded
        options = Task.optionDescriptions
        tokenization = loaded.tokenizer.map(Tokenization.init)
        preparer = { (inputs, parameters, scope) async throws(PipelineError) in
            try await task.prepare(inputs, parameters: parameters, in: scope)
        }
    }

    /// Checks and tokenizes a request; see ``JSONForm/prepare(_:parameters:in:)``.
    package func prepare(
        _ inputs: JSONValue, parameters: JSONObject = JSONObject(), in scope: RequestScope = .unbounded
    ) async throws(PipelineError) -> PreparedRequest<[UInt8]> {
        try await preparer(inputs, parameters, scope)
    }
}
