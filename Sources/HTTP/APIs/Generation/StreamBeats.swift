import PenstockServing
import Synchronization

/// The beats at which a stream of events that has nothing to tell says that it lives, so that nobody between the server
/// and the client takes it for dead.
package struct StreamBeats: Sendable {
    /// Calls a function after a time, unless the function that it returns was called before.
    package typealias Schedule = @Sendable (Duration, @escaping @Sendable () -> Void) -> @Sendable () -> Void

    let interval: Duration
    let schedule: Schedule

    /// Beats of the time that passes.
    package static let clock: Schedule = { duration, body in
        let task = Task {
            guard (try? await pause(until: .now + duration)) != nil else { return }
            body()
        }
        return { task.cancel() }
    }
}

/// Nudges the reader of a stream at each beat since whose last nothing came.
final class StreamPulse: Sendable {
    private struct State {
        var hasMoved = false
        var isOver = false
        var cancel: (@Sendable () -> Void)?
    }

    private let beats: StreamBeats
    /// Returns false if the stream is gone.
    private let nudge: @Sendable () -> Bool
    private let state = Mutex(State())

    init(of stream: GenerationStream, by beats: StreamBeats) {
        self.beats = beats
        nudge = { [weak stream] in
            stream?.nudge()
            return stream != nil
        }
        schedule()
    }

    /// Notes that something came.
    func move() { state.withLock { $0.hasMoved = true } }

    /// Ends the beats.
    func stop() {
        let cancel = state.withLock { state in
            defer { (state.isOver, state.cancel) = (true, nil) }
            return state.cancel
        }
        cancel?()
    }

    private func schedule() {
        let cancel = beats.schedule(beats.interval) { self.beat() }
        let isOver = state.withLock { state in
            if !state.isOver { state.cancel = cancel }
            return state.isOver
        }
        if isOver { cancel() }
    }

    private func beat() {
        let (isOver, hasMoved) = state.withLock { state in
            defer { state.hasMoved = false }
            return (state.isOver, state.hasMoved)
        }
        if !isOver, hasMoved || nudge() { schedule() }
    }
}
