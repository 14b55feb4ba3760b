import Synchronization

/// A count of the requests in flight: from their head to the last byte of their answer.
package final class InFlightCount: Sendable {
    private struct State {
        var count = 0
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The number of requests in flight now.
    package var count: Int { state.withLock { $0.count } }

    func enter() { state.withLock { $0.count += 1 } }

    func leave() {
        let waiters = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.finish() }
    }

    /// Returns when there is none at some moment, or when the task is cancelled.
    package func reachesZero() async {
        let (zero, waiter) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            if state.count > 0 { state.waiters.append(waiter) } else { waiter.finish() }
        }
        for await _ in zero {}
    }
}
