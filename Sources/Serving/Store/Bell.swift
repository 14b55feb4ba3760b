import Synchronization

/// Wakes one who waits. A ring that nobody waits for is kept for the next.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiting = state.withLock { state in
            state.hasRung = state.waiting == nil
            return exchange(&state.waiting, with: nil)
        }
        waiting?.resume()
    }

    /// Waits until it rings, or the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasRung = state.withLock { state in
                    precondition(state.waiting == nil, "two wait for a bell")
                    guard !exchange(&state.hasRung, with: false) else { return true }
                    state.waiting = continuation
                    return false
                }
                if hasRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }

    /// Waits until it rings, the task is cancelled, or an instant has come.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func wait(until instant: ContinuousClock.Instant?) async throws {
        if let instant {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.wait() }
                group.addTask { try? await Task.sleep(until: instant, clock: .continuous) }
                await group.next()
                group.cancelAll()
            }
        } else {
            await wait()
        }
        try Task.checkCancellation()
    }
}
