import Dispatch

extension DispatchSemaphore {
    /// Waits for a signal, but no longer than until an instant; nil for any time.
    func wait(until instant: ContinuousClock.Instant?) {
        guard let instant else { return wait() }
        let nanoseconds = max(0, ContinuousClock.now.duration(to: instant) / .nanoseconds(1))
        _ = wait(timeout: .now() + .nanoseconds(Int(min(nanoseconds, 1e15))))
    }
}
