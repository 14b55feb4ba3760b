import Metrics
import PenstockCompute
import PenstockModels
import PenstockPipelines

/// A pipeline of `transformers` in Swift: a task on a model that is computed in batches.
///
///     let pipeline = try await FillMaskPipeline(directory: "bert-base-uncased")
///     let candidates = try await pipeline("test [MASK]")
///     for try await candidates in pipeline(lines) { … }
public final class Pipeline<Task: PipelineTask>: Sendable {
    /// What computes.
    public let model: ServedModel
    let prepare: TaskSupport<Task>.Preparation

    fileprivate init(_ model: ServedModel, _ prepare: @escaping TaskSupport<Task>.Preparation) {
        (self.model, self.prepare) = (model, prepare)
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
        let deadline = ContinuousClock.now + model.configuration.requestTimeout
        return try await withDeadline(deadline) { [model, prepare] in
            try await model.answer(
                for: Client(of: .anybody, deadline: deadline, answerLimit: .max), room: room
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

    fileprivate let steps: any TaskSteps.Type
    fileprivate let prepare: @Sendable (LoadedModel, ComputeTurns) throws -> Preparation

    /// The steps of any task of this package.
    package init() where Task: TaskSteps {
        steps = Task.self
        prepare = { model, turns in
            let task = try model.task(Task.self, in: turns)
            return { (inputs, options, scope) async throws(PipelineError) in
                try await task.prepare(inputs, options, in: scope)
            }
        }
    }
}

extension LibraryTask {
    fileprivate static var steps: any TaskSteps.Type { support.steps }
}

extension ServedModel {
    /// Loads a checkpoint directory, in the layout of the Hugging Face Hub, for tasks that share its base.
    ///
    /// - Throws: `CheckpointError`, `TokenizerError` or `PipelineError`, which say what is wrong with which file, and
    ///   ``WorkspaceError`` if the memory does not suffice.
    public static func load(
        directory: String, for tasks: [any LibraryTask.Type], loading: LoadOptions = LoadOptions(),
        serving: ServingConfiguration = ServingConfiguration()
    ) async throws -> ServedModel {
        let scheduler = try Scheduler.shared.get()
        let steps = tasks.map { $0.steps }
        return try await Loading.run {
            let files = try CheckpointFiles(directory: directory, base: loading.adapterBase).asked(for: steps)
            let load = ModelLoad(
                name: files.name, files: files, tasks: steps, loading: loading, serving: serving,
                scheduler: scheduler, metrics: MetricsSystem.factory)
            return try load.run(load.plan()) { _, _ in [] }
        }
    }

    /// A task on this model.
    ///
    /// - Throws: `PipelineError` or `CheckpointError` if the checkpoint cannot do it, or was not loaded for it.
    public func pipeline<Task: LibraryTask>(for _: Task.Type) async throws -> Pipeline<Task> {
        let turns = scheduler.loadingTurns
        return Pipeline(self, try await Loading.run { [loaded] in try Task.support.prepare(loaded, turns) })
    }
}

extension Pipeline where Task: LibraryTask {
    /// Loads a checkpoint directory, in the layout of the Hugging Face Hub.
    ///
    /// - Throws: as ``ServedModel/load(directory:for:loading:serving:)``, and if the checkpoint cannot do the task.
    public convenience init(
        directory: String, loading: LoadOptions = LoadOptions(),
        serving: ServingConfiguration = ServingConfiguration()
    ) async throws {
        let model = try await ServedModel.load(
            directory: directory, for: [Task.self], loading: loading, serving: serving)
        let prepare = try await Loading.run { [loaded = model.loaded, turns = model.scheduler.loadingTurns] in
            try Task.support.prepare(loaded, turns)
        }
        self.init(model, prepare)
    }
}
