import Dispatch
import PenstockCompute
import Synchronization

/// One thread that wakes tasks at their instants, and sleeps until the earliest of them.
///
/// `Task.sleep` sets a timer for each sleep, which goes off also if the sleep was cancelled: those of requests that were
/// answered long ago would wake threads all the time, in the place of those that compute.
final class AlarmClock: Sendable {
    /// That of the process, or why there is none.
    static let shared = Result { () throws(ResourceError) in try AlarmClock() }

    private struct State {
        var alarms = SummedTree<Due<ContinuousClock.Instant>>()
        var sleepers: [Int: CheckedContinuation<Void, any Error>] = [:]
        var last = 0
        /// The instant until which the thread sleeps at most; nil if it does so until it is woken.
        var next: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    private init() throws(ResourceError) { try ComputeThread.start(name: "alarms") { [self] in run() } }

    /// Waits until an instant has come.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    func sleep(until instant: ContinuousClock.Instant) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let alarm = Due(deadline: instant, request: number)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task that is cancelled has the mark before its handler runs, which takes out whoever sleeps.
                let (isCancelled, isEarliest) = state.withLock { state in
                    guard !Task.isCancelled else { return (true, false) }
                    state.alarms.insert(alarm)
                    state.sleepers[number] = continuation
                    guard state.next.map({ instant < $0 }) ?? true else { return (false, false) }
                    state.next = instant
                    return (false, true)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                if isEarliest { bell.signal() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.alarms.remove(alarm)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }

    private func run() {
        while true {
            let now = ContinuousClock.now
            let (woken, next) = state.withLock { state in
                var woken: [CheckedContinuation<Void, any Error>] = []
                while let alarm = state.alarms.first, alarm.deadline <= now {
                    state.alarms.remove(alarm)
                    if let sleeper = state.sleepers.removeValue(forKey: alarm.request) { woken.append(sleeper) }
                }
                state.next = state.alarms.first?.deadline
                return (woken, state.next)
            }
            for sleeper in woken { sleeper.resume() }
            bell.wait(until: next)
        }
    }
}
