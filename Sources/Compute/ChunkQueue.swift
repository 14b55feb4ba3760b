import CKernels
import Dispatch
import Synchronization

/// The chunks of a job, which one thread puts in and several take out.
///
/// Workers spin for a moment after the last chunk, because the jobs of one forward pass follow each other within
/// microseconds, and then sleep until the next job.
final class ChunkQueue: @unchecked Sendable {
    // Safe to share: `job` and `type` are written only while no chunk is unclaimed or unfinished, and read only by a
    // thread that has claimed a chunk. The release of `tickets` publishes them, its acquisition by a claim sees them.
    private var job: UnsafeRawPointer?
    private var type: (any ParallelJob.Type)?

    /// The job's number in the high half, the count of its unclaimed chunks in the low half. A claim takes the highest
    /// chunk; the number keeps a late claim from taking a chunk of a job that it has not seen.
    private let tickets = Atomic<UInt64>(0)
    private let unfinished = Atomic<Int>(0)
    private let isClosed = Atomic<Bool>(false)
    private let beds: [Bed]
    private let ownBed = Bed()

    /// Looks at the queue before a thread sleeps: some 50 µs, longer than the serial steps between two jobs.
    private static let looksBeforeSleep = 2000

    init(workers: Int) { beds = (0..<workers).map { _ in Bed() } }

    /// Lays out a job, takes part in it, and returns when it is done.
    func run(_ type: any ParallelJob.Type, _ job: UnsafeRawPointer, chunks: Int) {
        precondition(chunks > 0 && chunks < 1 << 32)
        self.job = job
        self.type = type
        unfinished.store(chunks, ordering: .relaxed)
        let number = tickets.load(ordering: .relaxed) >> 32 &+ 1
        tickets.store(number << 32 | UInt64(chunks), ordering: .sequentiallyConsistent)
        for bed in beds { bed.wake() }
        while let chunk = claim() { perform(chunk, thread: 0) }
        var looks = 0
        while unfinished.load(ordering: .acquiring) > 0 {
            looks += 1
            if looks <= Self.looksBeforeSleep {
                penstock_spin_hint()
            } else {
                // The others may be waiting for this very core.
                ownBed.sleep { unfinished.load(ordering: .sequentiallyConsistent) > 0 }
            }
        }
    }

    /// The life of a worker thread, until the queue closes.
    func work(asWorker worker: Int) {
        var idleLooks = 0
        while !isClosed.load(ordering: .acquiring) {
            if let chunk = claim() {
                perform(chunk, thread: worker + 1)
                idleLooks = 0
            } else if idleLooks < Self.looksBeforeSleep {
                penstock_spin_hint()
                idleLooks += 1
            } else {
                penstock_release_tiles()
                beds[worker].sleep { !self.hasUnclaimedChunk && !self.isClosed.load(ordering: .sequentiallyConsistent) }
                idleLooks = 0
            }
        }
    }

    /// Ends the workers. No job may be running.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        for bed in beds { bed.wake() }
    }

    private var hasUnclaimedChunk: Bool {
        UInt32(truncatingIfNeeded: tickets.load(ordering: .sequentiallyConsistent)) > 0
    }

    private func claim() -> Int? {
        var seen = tickets.load(ordering: .acquiring)
        while UInt32(truncatingIfNeeded: seen) > 0 {
            let (taken, now) = tickets.compareExchange(
                expected: seen, desired: seen - 1, successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring)
            if taken { return Int(UInt32(truncatingIfNeeded: seen)) - 1 }
            seen = now
        }
        return nil
    }

    private func perform(_ chunk: Int, thread: Int) {
        guard let job, let type else { preconditionFailure("a chunk without a job") }
        type.run(job, chunk: chunk, thread: thread)
        if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { ownBed.wake() }
    }
}

extension ParallelJob {
    fileprivate static func run(_ job: UnsafeRawPointer, chunk: Int, thread: Int) {
        job.assumingMemoryBound(to: Self.self).pointee.run(chunk: chunk, thread: thread)
    }
}

/// A bed in which one thread sleeps.
private final class Bed: Sendable {
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
