import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// A loaded checkpoint and the task that it does: everything but the thread that computes.
public final class Pipeline: Sendable {
    /// The task by its name in `transformers.pipeline`.
    public let task: String
    /// The last component of the checkpoint's path.
    public let name: String
    /// Tokens of the longest input.
    public var maxInputTokens: Int { model.limits.tokens }
    /// How the numbers of its layers are stored; never `auto`.
    public let dtype: DType
    /// How close it is to the same model in float32; nil if it is in float32.
    public let selfCheck: SelfCheck?
    /// What should worry whoever loaded it.
    public let warnings: [String]
    package let model: any Model
    /// Shows how its texts are tokenized; nil for a pipeline without a tokenizer.
    package let tokenization: Tokenization?
    private let preparer:
        @Sendable (JSONValue, inout Parameters, RequestScope) async throws(PipelineError) -> PreparedRequest

    /// Loads a checkpoint directory.
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
        let modules = try SentenceModules(directory: directory)
        let checkpoint = try Checkpoint(directory: modules?.transformerDirectory ?? directory)
        let entry =
            if let task { try TaskRegistry.task(named: task) } else {
                try TaskRegistry.inferredTask(
                    architectures: checkpoint.config["architectures"]?.array?.compactMap(\.string) ?? [],
                    isSentenceTransformer: modules != nil)
            }
        try self.init(
            entry.type, named: entry.names[0], directory: directory, checkpoint, dtype, checksItself: checksItself,
            on: CPU(threads: threads))
    }

    private convenience init<Task: PipelineTask>(
        _: Task.Type, named task: String, directory: String, _ checkpoint: Checkpoint, _ dtype: DType,
        checksItself: Bool, on cpu: CPU
    ) throws {
        let tokenizer = try Tokenizer(directory: checkpoint.directory)
        let loaded = try ModelLoading(
            checkpoint: checkpoint, readout: Task.readout, tokenizer: tokenizer, cpu: cpu, checksItself: checksItself
        ).load(dtype)
        let resources = TaskResources(
            directory: directory, checkpoint: checkpoint, tokenizer: tokenizer, limits: loaded.model.limits,
            engine: loaded.engine)
        self.init(
            try Task(resources), named: task, loaded.model, tokenizer,
            name: Self.lastComponent(ofPath: directory), dtype: loaded.engine.precision.dtype,
            selfCheck: loaded.selfCheck, warnings: loaded.warnings)
    }

    /// The name of a directory. Bytes decide: a slash under a combining mark is a slash.
    private static func lastComponent(ofPath path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? path
    }

    /// A task on a model that was loaded or made elsewhere.
    package init(
        _ task: some PipelineTask, named taskName: String, _ model: any Model, _ tokenizer: Tokenizer? = nil,
        name: String, dtype: DType = .float32, selfCheck: SelfCheck? = nil, warnings: [String] = []
    ) {
        self.dtype = dtype
        self.selfCheck = selfCheck
        self.warnings = warnings
        self.task = taskName
        self.name = name
        self.model = model
        tokenization = tokenizer.map(Tokenization.init)
        preparer = { (inputs, parameters, scope) async throws(PipelineError) in
            PreparedRequest(try await task.preprocess(inputs, &parameters, in: scope), of: task)
        }
    }

    /// Checks and tokenizes a request.
    ///
    /// - Parameters:
    ///   - inputs: what the task takes: a text, a list of texts, …
    ///   - parameters: its options by name
    ///   - scope: asked between texts
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for an answer that would be too large.
    package func prepare(
        _ inputs: JSONValue, parameters: JSONObject = JSONObject(), in scope: RequestScope = .unbounded
    ) async throws(PipelineError) -> PreparedRequest {
        var parameters = Parameters(parameters)
        let request = try await preparer(inputs, &parameters, scope)
        try parameters.refuseUnknown()
        try scope.require(answerBytes: request.answerBytes)
        return request
    }
}

/// A request ready for the model: its sequences, and what to do with the rows that come out.
package struct PreparedRequest: Sendable {
    /// The sequences to run, at least one.
    package let sequences: [ModelInput]
    /// Boils rows of a sequence down to its answer; see ``PipelineTask/read(_:of:_:on:into:)``.
    package let read:
        @Sendable (Matrix, _ index: Int, CPU, _ answer: inout SequenceAnswer) throws(PipelineError) -> Void
    /// Writes the result as JSON text, out of one answer per sequence.
    package let write: @Sendable ([SequenceAnswer], RequestScope) throws(PipelineError) -> [UInt8]
    /// Bytes that the answer takes at most.
    package let answerBytes: Int

    /// What is kept of a sequence's rows: empty at first, then of the type that the task knows.
    package struct SequenceAnswer: Sendable {
        fileprivate var value: (any Sendable)?
        /// Of nothing read yet.
        package init() {}
    }

    fileprivate init<Task: PipelineTask>(_ request: TaskRequest<Task.Question>, of task: Task) {
        let question = request.question
        sequences = request.sequences
        answerBytes = request.answerBytes
        read = { (rows, index, cpu, answer) throws(PipelineError) in
            var typed = answer.value as? Task.Answer
            try task.read(rows, of: index, question, on: cpu, into: &typed)
            answer.value = typed
        }
        write = { (answers, scope) throws(PipelineError) in
            let typed = answers.compactMap { $0.value as? Task.Answer }
            precondition(typed.count == answers.count, "a sequence was not read")
            var writer = JSONWriter()
            try task.postprocess(typed, question, into: &writer, in: scope)
            return writer.finish()
        }
    }
}
