import PenstockCompute
import PenstockPipelines

/// A pipeline of `transformers` in Swift: a task on a model, with a thread of its own that computes in batches.
///
///     let pipeline = try await FillMaskPipeline(directory: "bert-base-uncased")
///     let candidates = try await pipeline("test [MASK]")
///     for try await candidates in pipeline(lines) { … }
public final class Pipeline<Task: PipelineTask>: Sendable {
    /// What computes.
    public let model: LoadedModel
    private let worker: ModelWorker
    private let prepare: TaskSupport<Task>.Preparation

    private init(
        _ model: LoadedModel, _ configuration: ServingConfiguration, _ prepare: @escaping TaskSupport<Task>.Preparation
    ) throws {
        self.model = model
        self.prepare = prepare
        worker = try ModelWorker(model, configuration)
    }

    /// A task on a loaded model.
    package convenience init(_ model: LoadedModel, _ configuration: ServingConfiguration) throws where Task: TaskSteps {
        try self.init(model, configuration, TaskSupport<Task>().prepare(model))
    }

    /// The answer to one input.
    ///
    /// - Throws: `PipelineError` for what the task cannot take, ``ServingError`` when the gate refuses it or it is not
    ///   done within the configured time, and `CancellationError` when the task is cancelled while it waits.
    public func callAsFunction(
        _ input: Task.Input, _ options: Task.Options = Task.Options()
    ) async throws -> Task.Output {
        try await outputs(of: [input], options)[0]
    }

    /// The answers to several inputs, in their order.
    ///
    /// - Throws: as for one input; the first error is that of all.
    public func callAsFunction(
        _ inputs: [Task.Input], _ options: Task.Options = Task.Options()
    ) async throws -> [Task.Output] {
        inputs.isEmpty ? [] : try await outputs(of: inputs, options)
    }

    /// The answers to a sequence of inputs, in their order and as soon as they are ready.
    ///
    /// Some 64 inputs are on their way at a time, and are computed together; no more are taken until answers are taken.
    ///
    /// - Returns: a sequence that throws what `inputs` throws, and what one input throws when its turn comes.
    public func callAsFunction<Inputs: AsyncSequence & Sendable>(
        _ inputs: Inputs, _ options: Task.Options = Task.Options()
    ) -> some AsyncSequence<Task.Output, any Error> & Sendable
    where Inputs.Element == Task.Input {
        OrderedResults(inputs) { [self] input, turn in
            try await outputs(of: [input], options) { try await turn.take(bytes: $0) }[0]
        }.map { try $0.get() }
    }

    private func outputs(
        of inputs: [Task.Input], _ options: Task.Options,
        room: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> [Task.Output] {
        let deadline = ContinuousClock.now + worker.configuration.requestTimeout
        return try await withDeadline(deadline) { [worker, prepare] in
            try await worker.answer(
                for: Client(deadline: deadline, answerLimit: .max), room: room
            ) { (scope) async throws(PipelineError) in
                try await prepare(inputs, options, scope)
            }.result
        }
    }
}

/// A task whose pipelines the library loads.
public protocol LibraryTask: PipelineTask {
    /// Its steps.
    static var support: TaskSupport<Self> { get }
}

/// The steps of a task, for those who need not know them.
public struct TaskSupport<Task: PipelineTask>: Sendable {
    package typealias Preparation =
        @Sendable ([Task.Input], Task.Options, RequestScope) async throws(PipelineError)
        -> PreparedRequest<[Task.Output]>

    fileprivate let load: @Sendable (String, DType, _ threads: Int) throws -> LoadedModel
    fileprivate let prepare: @Sendable (LoadedModel) throws -> Preparation

    /// The steps of any task of this package.
    package init() where Task: TaskSteps {
        load = { try LoadedModel(directory: $0, reading: Task.readout, $1, threads: $2) }
        prepare = { model in
            let task = try model.task(Task.self)
            return { (inputs, options, scope) async throws(PipelineError) in
                try await task.prepare(inputs, options, in: scope)
            }
        }
    }
}

extension Pipeline where Task: LibraryTask {
    /// Loads a checkpoint directory, in the layout of the Hugging Face Hub.
    ///
    /// - Throws: `CheckpointError`, `TokenizerError` or `PipelineError`, which say what is wrong with which file, and
    ///   ``WorkspaceError`` if the memory does not suffice.
    public convenience init(
        directory: String, dtype: DType = .float32, _ configuration: ServingConfiguration = ServingConfiguration()
    ) async throws {
        let support = Task.support
        let model = try await Loading.run { try support.load(directory, dtype, configuration.threads) }
        try self.init(model, configuration, support.prepare(model))
    }
}
