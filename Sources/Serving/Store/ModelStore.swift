import Metrics
import PenstockCompute
import PenstockPipelines
import Synchronization

/// The models of a server by name: those that are loaded, those on their way, and those that are loaded when they are asked for.
///
/// Models are loaded one at a time, while others serve, and past those that wait for room. A load that fails hurts nobody else. With a budget of memory those
/// that nobody uses make room: ``ModelRoster`` decides which.
package final class ModelStore: Sendable {
    /// The state of a model.
    package enum State: Sendable {
        case loading
        /// It is loaded when others have made room for it.
        case waiting
        case ready(ServedModel)
        /// It is loaded when somebody asks for it.
        case unloaded
        case failed(any Error)

        /// The names of states, as `/ready` and `/models` tell them.
        package enum Name: String, Sendable, CaseIterable {
            case loading, waiting, ready, unloaded, failed
        }

        /// The name of the state.
        package var name: String {
            let name: Name =
                switch self {
                case .loading: .loading
                case .waiting: .waiting
                case .ready: .ready
                case .unloaded: .unloaded
                case .failed: .failed
                }
            return name.rawValue
        }
    }

    /// The scheduler on which all models run.
    package let scheduler: Scheduler
    /// The time that requests wait for a model that is not loaded.
    let loadTimeout: Duration
    let metrics: any MetricsFactory
    let contents = Mutex(StoreContents())
    let turnstile = Turnstile()
    /// Rings when there is something to load.
    let work = Bell()
    /// Rings when there may be room for the models that wait for it.
    let room = Bell()

    /// A store without models.
    ///
    /// - Parameter loadTimeout: how long requests wait for a model that is not loaded; with 0 they are told at once to come back
    package init(
        on scheduler: Scheduler, loadTimeout: Duration = .zero, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        (self.scheduler, self.loadTimeout, self.metrics) = (scheduler, loadTimeout, metrics)
    }

    // MARK: Looking up

    /// All models, in the order in which they came.
    package var all: [ModelStatus] { contents.withLock { $0.statuses } }

    /// The status of a model; nil if there is none of this name.
    ///
    /// - Parameter name: nil for the first
    package func status(of name: String?) -> ModelStatus? {
        contents.withLock { contents in (name ?? contents.roster.names.first).flatMap(contents.status) }
    }

    /// The answer to those who balance load and ask whether requests are answered.
    package enum Readiness: String, Sendable {
        /// Some model that the server starts with is still on its way.
        case loading
        /// All that can be loaded at the start are, and there is one.
        case ready
        /// None could be loaded.
        case failed
        /// The server goes down.
        case draining
    }

    /// The readiness of the store as a whole.
    package var readiness: Readiness {
        contents.withLock { contents in
            guard !contents.isLeaving else { return .draining }
            guard contents.starting.isEmpty else { return .loading }
            let names = contents.roster.names
            return !names.isEmpty && names.allSatisfy(contents.roster.hasFailed) ? .failed : .ready
        }
    }

    /// True if a model was ever loaded.
    package var hasEverServed: Bool { contents.withLock { $0.hasEverServed } }

    /// The name of the first model.
    package var firstName: String? { contents.withLock { $0.roster.names.first } }

    /// Tells whether there is a model of this name, on its way or not.
    package func has(_ name: String) -> Bool { contents.withLock { $0.entries[name] != nil } }

    /// The metrics of a model that there is, on its way or not.
    package func series(of name: String) -> ModelSeries? { contents.withLock { $0.entries[name]?.series } }

    /// True if the server goes down.
    package var isLeaving: Bool { contents.withLock { $0.isLeaving } }

    /// True if requests get no models any more.
    package var isDraining: Bool { contents.withLock { $0.isDraining } }

    // MARK: Coming and going

    /// Takes note of models that the server starts with, in this order: those that find room are loaded, pinned ones first,
    /// the others when they are asked for.
    package func announce(_ sources: [ModelSource]) {
        contents.withLock { contents in
            for source in sources.filter(\.isPinned) + sources.filter({ !$0.isPinned }) {
                _ = contents.accept(source, makesRoom: false, in: metrics)
                contents.starting.insert(source.name)
                contents.configured[source.name] = source
            }
            contents.roster.sort(first: sources.map(\.name))
        }
        work.ring()
    }

    /// Takes in a model that was loaded elsewhere, instead of one of the same name. It never makes room for others.
    package func add(_ model: ServedModel) {
        let former = contents.withLock { $0.put(model, in: metrics) }
        room.ring()
        // It is let go outside of the lock. Requests that have it hold it until they are answered.
        withExtendedLifetime(former) {}
    }

    /// Gives a model to no more requests, forgets it, and returns. Requests that have it hold it until they are answered; then
    /// its memory is freed and its series in the metrics are dropped.
    ///
    /// - Throws: ``ServingError`` if there is none of this name, or it is being loaded and does not wait for room.
    package func unload(_ name: String) throws(ServingError) {
        let (isLoading, removed) = contents.withLock { contents -> (Bool, StoreContents.Removed?) in
            if contents.roster.isBusy(name) { return (true, nil) }
            return (false, contents.remove(name))
        }
        guard !isLoading else { throw .modelBusy }
        guard let removed else { throw .modelNotFound }
        finish(removed)
        room.ring()
    }

    /// Does what is left to do for a model that was removed.
    func finish(_ removed: StoreContents.Removed) {
        for resumption in removed.resumptions { resumption.perform() }
        if removed.entry.loaded != nil { Self.countUnload(of: removed.entry.series, "removed") }
    }

    /// Takes note that the server goes down. Requests still get models, until those who send them have heard of it.
    package func leave() { contents.withLock { $0.isLeaving = true } }

    /// Gives models to no more requests; those that have one go on, also those that are still being received.
    package func drain() {
        let resumptions = contents.withLock { contents in
            (contents.isLeaving, contents.isDraining) = (true, true)
            return contents.waiters.answer(nil) { .failure(ServingError.shuttingDown) }
        }
        for resumption in resumptions { resumption.perform() }
        scheduler.stopLingering()
    }

    /// In how much time a model will be there that is to be loaded.
    func expectedWait(for name: String) -> Duration {
        contents.withLock { $0.roster.expectedWait(for: name, at: .now) }
    }

    static func countUnload(of series: ModelSeries?, _ reason: String) {
        series?.counter("penstock_model_unloads_total", [("reason", reason)]).increment()
    }
}
