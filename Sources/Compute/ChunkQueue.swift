import CKernels
import Synchronization

/// The chunks of a job, which one thread lays out and several do.
///
/// Each thread has a share of consecutive chunks, and takes of the shares of others when its own is empty. What several
/// threads change, or fetch ahead, goes from core to core, which may take as long as a chunk where cores are far apart:
/// so a job is announced in one cache line, each share has one of its own, and threads tell once what they have done of
/// a share.
///
/// Workers spin for a moment after the last chunk, because the jobs of one forward pass follow each other within
/// microseconds, and then sleep until the next job. Those whose cores other programs want rest now and then besides.
final class ChunkQueue: @unchecked Sendable {
    // Safe to share: see `Announcement`.
    private let announcement = Announcement()
    /// The chunks of the job that are not done.
    private let unfinished = SharedWord()
    /// Of each thread, the number of the job in the high half, the count of its unclaimed chunks in the low half. Of a
    /// job that is older than the one announced, nobody has claimed any yet.
    private let shares: [SharedWord]
    private let beds: [Bed]
    private let ownBed = Bed()

    /// Looks at the queue before a thread sleeps: some 0.1 to 0.2 ms, longer than the serial steps between two jobs, and
    /// than what it takes to wake up on a virtual machine.
    private static let looksBeforeSleep = 4000
    private static let jobsBetweenRenewals: UInt32 = 1 << 16

    init(workers: Int) {
        beds = (0..<workers).map { _ in Bed() }
        shares = (0...workers).map { _ in SharedWord() }
    }

    /// Lays out a job, takes part in it, and returns when it is done.
    func run(_ type: any ParallelJob.Type, _ job: UnsafeRawPointer, chunks: Int) {
        precondition(chunks > 0 && chunks < 1 << 31)
        let task = Task(number: announcement.task.number &+ 1, chunks: chunks)
        if task.number.isMultiple(of: Self.jobsBetweenRenewals) { renewShares(before: task) }
        unfinished.value.store(UInt64(chunks), ordering: .relaxed)
        announcement.tell(task, type, job)
        for bed in beds { bed.wake() }
        takePart(in: task, as: 0)
        var looks = 0
        while unfinished.value.load(ordering: .acquiring) > 0 {
            looks += 1
            if looks <= Self.looksBeforeSleep {
                penstock_spin_hint()
            } else {
                // The others may be waiting for this very core.
                ownBed.sleep { unfinished.value.load(ordering: .sequentiallyConsistent) > 0 }
            }
        }
    }

    /// Has no share be so old that its number seems to be a newer one: small jobs leave the shares of most threads alone.
    private func renewShares(before task: Task) {
        for share in shares { share.value.store(UInt64(task.number &- 1) << 32, ordering: .relaxed) }
    }

    /// The life of a worker thread, until the queue closes.
    func work(asWorker worker: Int) {
        var (known, idleLooks) = (Task.none, 0)
        var rest = WorkerRest()
        while true {
            let task = announcement.task
            if task == .close {
                return
            } else if task != known {
                rest.takeIfDue()
                takePart(in: task, as: worker + 1)
                (known, idleLooks) = (task, 0)
            } else if idleLooks < Self.looksBeforeSleep {
                penstock_spin_hint()
                idleLooks += 1
            } else {
                penstock_release_tiles()
                beds[worker].sleep { announcement.isStill(known) }
                idleLooks = 0
            }
        }
    }

    /// Ends the workers. No job may be running.
    func close() {
        announcement.close()
        for bed in beds { bed.wake() }
    }

    private func takePart(in task: Task, as thread: Int) {
        for offset in shares.indices {
            let owner = (thread + offset) % shares.count
            var done = 0
            while let chunk = claim(of: owner, in: task) {
                announcement.perform(chunk, thread: thread)
                done += 1
            }
            guard done > 0 else { continue }
            let left = unfinished.value.subtract(UInt64(done), ordering: .sequentiallyConsistent).newValue
            if left == 0 { ownBed.wake() }
        }
    }

    /// Takes the next chunk out of a thread's share; nil if there is none, or the job is over.
    private func claim(of owner: Int, in task: Task) -> Int? {
        let chunks = ChunkShares(chunks: task.chunks, threads: shares.count)[owner]
        let all = chunks.count
        guard all > 0 else { return nil }
        let share = shares[owner]
        var seen = share.value.load(ordering: .acquiring)
        while true {
            let age = task.number &- Task(word: seen).number
            guard Int32(bitPattern: age) >= 0 else { return nil }
            let left = age == 0 ? Task(word: seen).chunks : all
            guard left > 0 else { return nil }
            let (taken, now) = share.value.compareExchange(
                expected: seen, desired: Task(number: task.number, chunks: left - 1).word,
                successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring)
            if taken { return chunks.upperBound - left }
            seen = now
        }
    }
}

/// The chunks of a job that each thread begins with.
struct ChunkShares {
    let chunks: Int
    let threads: Int

    subscript(thread: Int) -> Range<Int> { start(thread)..<start(thread + 1) }

    private func start(_ thread: Int) -> Int { thread * chunks / threads }

    /// The thread whose share a chunk is in.
    func owner(of chunk: Int) -> Int { ((chunk + 1) * threads - 1) / chunks }
}

/// A job's number, and its chunks.
private struct Task: Equatable {
    let word: UInt64

    static let none = Task(number: 0, chunks: 0)
    static let close = Task(word: .max)

    init(word: UInt64) { self.word = word }

    init(number: UInt32, chunks: Int) { word = UInt64(number) << 32 | UInt64(chunks) }

    var number: UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
    var chunks: Int { Int(UInt32(truncatingIfNeeded: word)) }
}

/// A job that is announced, in a cache line with nothing else.
private final class Announcement: @unchecked Sendable {
    // Safe to share: `job` and `type` are written only while no chunk is unclaimed or unfinished, and read only by a
    // thread that has claimed a chunk. The release of `word` publishes them, and who claims has acquired it.
    private let padding = CacheLines.padding
    private let word = Atomic<UInt64>(Task.none.word)
    private var job: UnsafeRawPointer?
    private var type: (any ParallelJob.Type)?
    private let paddingBehind = CacheLines.padding

    func tell(_ task: Task, _ type: any ParallelJob.Type, _ job: UnsafeRawPointer) {
        self.job = job
        self.type = type
        word.store(task.word, ordering: .sequentiallyConsistent)
    }

    func close() { word.store(Task.close.word, ordering: .sequentiallyConsistent) }

    var task: Task { Task(word: word.load(ordering: .acquiring)) }

    /// Returns whether the task is still this one, once a wake can no longer be missed.
    func isStill(_ task: Task) -> Bool { word.load(ordering: .sequentiallyConsistent) == task.word }

    func perform(_ chunk: Int, thread: Int) {
        guard let job, let type else { preconditionFailure("a chunk without a job") }
        type.run(job, chunk: chunk, thread: thread)
    }
}

// As if jobs could not be copied: a copy counts all references of the job, on several threads at once.
extension ParallelJob where Self: ~Copyable {
    fileprivate static func run(_ job: UnsafeRawPointer, chunk: Int, thread: Int) {
        job.assumingMemoryBound(to: Self.self).pointee.run(chunk: chunk, thread: thread)
    }
}

/// A word in a cache line with nothing else.
private final class SharedWord: Sendable {
    private let padding = CacheLines.padding
    let value = Atomic<UInt64>(0)
    private let paddingBehind = CacheLines.padding
}

private enum CacheLines {
    typealias Padding = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// The bytes between words of different lines, of which processors fetch two at a time.
    static let padding: (Padding, Padding) = ((0, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0, 0, 0))
}
