import Metrics
import PenstockCompute
import PenstockPipelines
import Synchronization

/// The models of a server by name: those that are loaded, those on their way, and those on their way out.
///
/// Models are loaded one at a time, while others serve. A load that fails hurts nobody else.
package final class ModelStore: Sendable {
    /// Where a model is on its way.
    package enum State: Sendable {
        case loading
        case ready(ServedModel)
        case failed(any Error)

        /// What readiness answers.
        package var name: String {
            switch self {
            case .loading: "loading"
            case .ready: "ready"
            case .failed: "failed"
            }
        }
    }

    private struct Contents {
        /// In the order in which they came.
        var names: [String] = []
        var states: [String: State] = [:]
        /// What is counted of each, also before it is there.
        var series: [String: ModelSeries] = [:]
        var isDraining = false

        /// Returns the state before.
        @discardableResult
        mutating func set(_ state: State, of name: String, in metrics: any MetricsFactory) -> State? {
            if !names.contains(name) {
                names.append(name)
                series[name] = ModelSeries(of: name, in: metrics)
            }
            return states.updateValue(state, forKey: name)
        }

        /// Returns what was there.
        mutating func remove(_ name: String) -> (state: State?, series: ModelSeries?) {
            names.removeAll { $0 == name }
            return (states.removeValue(forKey: name), series.removeValue(forKey: name))
        }
    }

    /// What all models run on.
    package let scheduler: Scheduler
    private let metrics: any MetricsFactory
    private let contents = Mutex(Contents())
    private let turnstile = Turnstile()

    /// A store without models.
    package init(on scheduler: Scheduler, metrics: any MetricsFactory = MetricsSystem.factory) {
        (self.scheduler, self.metrics) = (scheduler, metrics)
    }

    // MARK: Looking up

    /// All models, in the order in which they came.
    package var all: [(name: String, state: State)] {
        contents.withLock { contents in contents.names.compactMap { name in contents.states[name].map { (name, $0) } } }
    }

    /// Whether requests are answered, as those who balance load ask.
    package enum Readiness: String, Sendable {
        /// Some model is still on its way that is not there at all yet.
        case loading
        /// All that can be loaded are, and there is one.
        case ready
        /// None could be loaded.
        case failed
        /// The server goes down.
        case draining
    }

    /// Where the store as a whole is.
    package var readiness: Readiness {
        contents.withLock { contents in
            guard !contents.isDraining else { return .draining }
            let names = Set(contents.states.values.map(\.name))
            return names.contains("loading") ? .loading : names == ["failed"] ? .failed : .ready
        }
    }

    /// The name of the first model.
    package var firstName: String? { contents.withLock { $0.names.first } }

    /// Whether there is a model of this name, on its way or not.
    package func has(_ name: String) -> Bool { contents.withLock { $0.states[name] != nil } }

    /// What is counted of a model that there is, on its way or not.
    package func series(of name: String) -> ModelSeries? { contents.withLock { $0.series[name] } }

    /// Whether the server goes down.
    package var isDraining: Bool { contents.withLock { $0.isDraining } }

    /// A model, if requests may go to it.
    ///
    /// - Parameter name: nil for the first
    /// - Throws: ``ServingError`` when there is none of this name, it is not there yet, or no longer, or not for the caller.
    package func model(_ name: String?, for caller: Caller) throws(ServingError) -> ServedModel {
        let (name, state, isDraining) = contents.withLock { contents in
            let name = name ?? contents.names.first
            return (name, name.flatMap { contents.states[$0] }, contents.isDraining)
        }
        guard !isDraining else { throw .shuttingDown }
        if let name { try caller.check(name) }
        switch state {
        case .ready(let model): return model
        case .loading:
            throw ServingError(.notReady, "the model is being loaded; try again soon", retryAfter: .seconds(2))
        case .failed: throw ServingError(.notReady, "the model could not be loaded; the server's log says why")
        case nil:
            throw ServingError(.modelNotFound, "there is no model of this name; GET /models lists those there are")
        }
    }

    // MARK: Coming and going

    /// Takes note that models will be loaded, in this order.
    package func announce(_ names: [String]) {
        contents.withLock { contents in
            for name in names {
                if case .ready = contents.states[name] { continue }
                contents.set(.loading, of: name, in: metrics)
            }
        }
    }

    /// Takes in a model that was loaded elsewhere, instead of one of the same name.
    package func add(_ model: ServedModel) {
        // The former is let go outside of the lock. Requests that have it hold it until they are answered.
        let former = contents.withLock { $0.set(.ready(model), of: model.name, in: metrics) }
        withExtendedLifetime(former) {}
    }

    /// Loads a model, once those asked for before are loaded. One of the same name serves until then; requests that have it
    /// are still answered.
    ///
    /// - Throws: why it cannot be loaded, which the state tells, too, unless another one of this name serves on;
    ///   `CancellationError` when the task is cancelled meanwhile.
    package func load(_ source: ModelSource) async throws -> ServedModel {
        try await load(named: source.name) { [scheduler, metrics] in
            try source.load(on: scheduler, metrics: metrics)
        }
    }

    /// As ``load(_:)``, by any means. `load` is called on a thread of its own.
    package func load(
        named name: String, _ load: @Sendable @escaping () throws -> ServedModel
    ) async throws -> ServedModel {
        announce([name])
        do {
            try await turnstile.enter()
            // The next one comes in when the thread is over, also if this task is cancelled before.
            let model = try await Loading.run(load) { [turnstile] in turnstile.leave() }
            add(model)
            return model
        } catch {
            contents.withLock { contents in
                if case .loading = contents.states[name] { contents.set(.failed(error), of: name, in: metrics) }
            }
            throw error
        }
    }

    /// Gives a model to no more requests and returns. Requests that have it hold it until they are answered; then its
    /// memory is freed and its series in the metrics are dropped.
    ///
    /// - Throws: ``ServingError`` if there is none of this name, or it is being loaded.
    package func unload(_ name: String) throws(ServingError) {
        // What was there is let go outside of the lock.
        let removed = contents.withLock { contents -> (state: State?, series: ModelSeries?) in
            if case .loading = contents.states[name] { return (.loading, nil) }
            return contents.remove(name)
        }
        switch removed.state {
        case .ready, .failed: break
        case .loading:
            throw ServingError(.notReady, "the model is being loaded; try again soon", retryAfter: .seconds(2))
        case nil: throw ServingError(.modelNotFound, "there is no model of this name")
        }
    }

    /// Gives models to no more requests; those that have one go on, also those that are still being received.
    package func drain() {
        contents.withLock { $0.isDraining = true }
        scheduler.stopLingering()
    }
}
