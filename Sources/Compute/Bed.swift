import Dispatch
import Synchronization

/// A bed in which one thread sleeps.
final class Bed: Sendable {
    private let isTaken = Atomic<Bool>(false)
    private let bell = DispatchSemaphore(value: 0)

    /// Sleeps until ``wake()``, unless `isStillIdle` is false once a wake can no longer be missed.
    func sleep(while isStillIdle: () -> Bool) {
        isTaken.store(true, ordering: .sequentiallyConsistent)
        // A waker who has seen the bed taken rings: then the ring has to be consumed, also when there is work already.
        if isStillIdle() || !isTaken.exchange(false, ordering: .sequentiallyConsistent) { bell.wait() }
    }

    func wake() {
        if isTaken.exchange(false, ordering: .sequentiallyConsistent) { bell.signal() }
    }
}
