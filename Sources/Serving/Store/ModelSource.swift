import Metrics
import PenstockCompute
import PenstockFiles
import PenstockModels
import PenstockPipelines

/// The place that a model comes from, and its settings.
public struct ModelSource: Sendable {
    /// The name by which clients ask for it.
    public var name: String
    /// A checkpoint directory in the layout of the Hugging Face Hub.
    public var directory: String
    /// The task, by the names of transformers; nil for the one that the checkpoint was made for.
    public var task: String?
    /// The options of its load.
    public var loading: LoadOptions
    /// Its settings as a served model.
    public var serving: ServingConfiguration
    /// True if it never makes room for others.
    public var isPinned = false
    /// The directory of the model that an adapter changes; nil for what the options of loading say.
    package var adapterBase: String?
    /// The directory that all of its files have to be in, also those that links lead to; nil for anywhere.
    package var confinement: String?
    /// Finds the directories, which may be a download; nil if they are there.
    package var fetch: (@Sendable () async throws -> ModelFolders)?
    /// Plans how it is loaded.
    package var plan: @Sendable (ModelSource, Scheduler, any MetricsFactory) throws -> PlannedLoad = {
        try PlannedLoad(of: $0, on: $1, metrics: $2)
    }
    /// The directory, or what stands for it until it is found.
    private let origin: String

    /// - Parameter name: nil for the last component of the directory's absolute path
    public init(
        name: String? = nil, directory: String, task: String? = nil, loading: LoadOptions = LoadOptions(),
        serving: ServingConfiguration = ServingConfiguration()
    ) {
        self.name = name ?? FilePath.name(of: directory)
        (self.directory, self.task, self.loading, self.serving) = (directory, task, loading, serving)
        origin = directory
    }

    /// A model that is loaded by other means.
    package init(
        name: String, plan: @escaping @Sendable (ModelSource, Scheduler, any MetricsFactory) throws -> PlannedLoad
    ) {
        self.init(name: name, directory: "")
        self.plan = plan
    }

    /// Takes note where the files are.
    mutating func found(_ folders: ModelFolders) {
        (directory, adapterBase, fetch) = (folders.directory, folders.adapterBase, nil)
    }

    /// Tells whether a model of this source could serve for another one, but for its weight and its pin.
    package func isSame(as other: ModelSource) -> Bool {
        var serving = serving
        serving.weight = other.serving.weight
        return (name, origin, task) == (other.name, other.origin, other.task) && loading == other.loading
            && serving == other.serving
    }

    /// Loads the model on a scheduler, once its memory is reserved.
    ///
    /// Waits for turns of the scheduler and for files, so it must not be called on threads that receive and send.
    ///
    /// - Throws: what ``ModelLoad/run(_:)`` throws, and `PipelineError` if the checkpoint tells no task.
    package func load(on scheduler: Scheduler, metrics: any MetricsFactory = MetricsSystem.factory) throws
        -> ServedModel
    {
        try planned(on: scheduler, metrics: metrics).finish {}
    }

    /// Plans how it is loaded, with no files but those that it may have.
    func planned(on scheduler: Scheduler, metrics: any MetricsFactory) throws -> PlannedLoad {
        let planned = try confined { try plan(self, scheduler, metrics) }
        return planned.loading { [self] whenGone in try confined { try planned.finish(whenGone) } }
    }

    private func confined<Value>(_ body: () throws -> Value) rethrows -> Value {
        try FileConfinement.$current.withValue(confinement.map { FileConfinement(to: $0) }, operation: body)
    }
}
