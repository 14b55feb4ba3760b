import Synchronization

/// Wakes all who wait. Rings are counted, so that nobody misses one between a look at things and the wait for a change.
package final class Bell: Sendable {
    private struct State {
        var rings = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The number of its rings.
    package var rings: Int { state.withLock { $0.rings } }

    package func ring() {
        let waiting = state.withLock { state in
            state.rings += 1
            return exchange(&state.waiting, with: [:])
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Waits until it has rung more often than so many times, or the task is cancelled.
    package func wait(beyond rings: Int) async {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A task that is cancelled has the mark before its handler runs, which takes out whoever waits.
                    guard state.rings == rings, !Task.isCancelled else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Waits until it has rung more often than so many times, the task is cancelled, or an instant has come.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func wait(beyond rings: Int, until instant: ContinuousClock.Instant?) async throws {
        if let instant {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.wait(beyond: rings) }
                group.addTask { try? await Task.sleep(until: instant, clock: .continuous) }
                await group.next()
                group.cancelAll()
            }
        } else {
            await wait(beyond: rings)
        }
        try Task.checkCancellation()
    }
}
