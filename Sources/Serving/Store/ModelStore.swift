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
        var isDraining = false
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

    /// Whether the server goes down.
    package var isDraining: Bool { contents.withLock { $0.isDraining } }

    /// A model, if requests may go to it.
    ///
    /// - Parameter name: nil for the first
    /// - Throws: ``ServingError`` when there is none of this name, or it is not there yet, or no longer.
    package func model(_ name: String? = nil) throws(ServingError) -> ServedModel {
        let (state, isDraining) = contents.withLock { contents in
            (name ?? contents.names.first).map { (contents.states[$0], contents.isDraining) } ?? (
                nil, contents.isDraining
            )
        }
        guard !isDraining else { throw .shuttingDown }
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
            for name in names where contents.states[name] == nil {
                contents.names.append(name)
                contents.states[name] = .loading
            }
        }
    }

    /// Takes in a model that was loaded elsewhere. One of the same name is unloaded.
    package func add(_ model: ServedModel) {
        announce([model.name])
        settle(model)
    }

    private func settle(_ model: ServedModel) {
        let former = contents.withLock { contents in exchange(&contents.states[model.name], with: .ready(model)) }
        if case .ready(let former) = former { Self.letGo(of: former) }
    }

    /// Loads a model, once those asked for before are loaded. One of the same name serves until then and is unloaded after.
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
        try await turnstile.enter()
        defer { turnstile.leave() }
        do {
            let model = try await Loading.run(load)
            settle(model)
            return model
        } catch {
            contents.withLock { contents in
                if case .loading = contents.states[name] { contents.states[name] = .failed(error) }
            }
            throw error
        }
    }

    /// Gives a model to no more requests and returns; those that it has are answered, then its memory is freed.
    ///
    /// - Throws: ``ServingError`` if there is none of this name, or it is being loaded.
    package func unload(_ name: String) throws(ServingError) {
        let state = contents.withLock { contents -> State? in
            if case .loading = contents.states[name] { return .loading }
            contents.names.removeAll { $0 == name }
            return contents.states.removeValue(forKey: name)
        }
        switch state {
        case .ready(let model): Self.letGo(of: model)
        case .failed: break
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

    private static func letGo(of model: ServedModel) {
        model.remove { entry in WorkThreads.letGo(of: entry) }
    }
}

/// Lets one at a time through, in the order in which they came.
private final class Turnstile: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [(number: Int, CheckedContinuation<Void, any Error>)] = []
        var last = 0
        /// Those that were cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// - Throws: `CancellationError` when the task is cancelled meanwhile.
    func enter() async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    guard state.isTaken else {
                        state.isTaken = true
                        return .success(())
                    }
                    state.waiting.append((number, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index).1
            }
            continuation?.resume(throwing: CancellationError())
        }
        _ = state.withLock { $0.cancelled.remove(number) }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.isTaken = !state.waiting.isEmpty
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst().1
        }
        next?.resume()
    }
}
