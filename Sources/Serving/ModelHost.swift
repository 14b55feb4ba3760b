import Synchronization

/// A model on its way from being loaded to being drained.
package final class ModelHost: Sendable {
    /// Where the model is on its way.
    package enum State: Sendable {
        case loading
        case ready(ServedModel)
        case draining(ServedModel?)
        case failed(any Error)

        /// What readiness answers.
        package var name: String {
            switch self {
            case .loading: "loading"
            case .ready: "ready"
            case .draining: "draining"
            case .failed: "failed"
            }
        }
    }

    private let state = Mutex(State.loading)

    /// A host whose model is not loaded yet.
    package init() {}

    /// A host of a model that is ready.
    package convenience init(_ model: ServedModel) {
        self.init()
        settle(.success(model))
    }

    /// Where the model is.
    package var current: State { state.withLock { $0 } }

    /// The model, if requests may go to it.
    ///
    /// - Throws: ``ServingError`` when it is not there yet, or no longer.
    package func model() throws(ServingError) -> ServedModel {
        switch current {
        case .ready(let model): return model
        case .loading:
            throw ServingError(.notReady, "the model is being loaded; try again soon", retryAfter: .seconds(2))
        case .failed: throw ServingError(.notReady, "the model could not be loaded; the server's log says why")
        case .draining: throw .shuttingDown
        }
    }

    /// Loads the model on a thread of its own, since loading blocks.
    ///
    /// - Throws: what `load` throws, which the state tells, too; `CancellationError` when the task is cancelled meanwhile.
    package func load(_ load: @Sendable @escaping () throws -> ServedModel) async throws -> ServedModel {
        let result: Result<ServedModel, any Error>
        do {
            result = .success(try await Loading.run(load))
        } catch {
            result = .failure(error)
        }
        settle(result)
        return try result.get()
    }

    /// Gives the model to no more requests; those that have it go on, also those that are still being received.
    package func drain() {
        let model = state.withLock { state in
            let model: ServedModel? = if case .ready(let model) = state { model } else { nil }
            state = .draining(model)
            return model
        }
        model?.worker.stopLingering()
    }

    private func settle(_ result: Result<ServedModel, any Error>) {
        state.withLock { state in
            guard case .loading = state else { return }
            switch result {
            case .success(let model): state = .ready(model)
            case .failure(let error): state = .failed(error)
            }
        }
    }
}
