import PenstockCompute
import Synchronization

/// A model on its way from being loaded to being drained.
package final class ModelHost: Sendable {
    /// Where the model is on its way.
    package enum State: Sendable {
        case loading
        case ready(ModelWorker)
        case draining(ModelWorker?)
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
    package convenience init(_ worker: ModelWorker) {
        self.init()
        settle(.success(worker))
    }

    /// Where the model is.
    package var current: State { state.withLock { $0 } }

    /// The model, if requests may go to it.
    ///
    /// - Throws: ``ServingError`` when it is not there yet, or no longer.
    package func worker() throws(ServingError) -> ModelWorker {
        switch current {
        case .ready(let worker): return worker
        case .loading:
            throw ServingError(.notReady, "the model is being loaded; try again soon", retryAfter: .seconds(2))
        case .failed: throw ServingError(.notReady, "the model could not be loaded; the server's log says why")
        case .draining: throw .shuttingDown
        }
    }

    /// Loads the model on a thread of its own, since loading blocks.
    ///
    /// - Throws: what `load` throws, which the state tells, too; `CancellationError` when the task is cancelled meanwhile.
    package func load(_ load: @Sendable @escaping () throws -> ModelWorker) async throws -> ModelWorker {
        try Task.checkCancellation()
        let (results, continuation) = AsyncStream.makeStream(of: Result<ModelWorker, any Error>.self)
        do {
            try ComputeThread.start(name: "loader") {
                continuation.yield(Result(catching: load))
                continuation.finish()
            }
        } catch {
            continuation.yield(.failure(error))
        }
        guard let result = await results.first(where: { _ in true }) else { throw CancellationError() }
        settle(result)
        return try result.get()
    }

    /// Gives the model to no more requests; those that have it go on, also those that are still being received.
    package func drain() {
        let worker = state.withLock { state in
            let worker: ModelWorker? = if case .ready(let worker) = state { worker } else { nil }
            state = .draining(worker)
            return worker
        }
        worker?.stopLingering()
    }

    private func settle(_ result: Result<ModelWorker, any Error>) {
        state.withLock { state in
            guard case .loading = state else { return }
            switch result {
            case .success(let worker): state = .ready(worker)
            case .failure(let error): state = .failed(error)
            }
        }
    }
}
