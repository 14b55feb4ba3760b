import CKernels
import Foundation
import PenstockCompute
import PenstockTestSupport
import Synchronization
import Testing

/// The time limit is for threads that wait for each other for ever.
@Suite(.timeLimit(.minutes(60))) struct ThreadPoolTests {
    /// What the chunks of one job have seen.
    private final class Tally: Sendable {
        private let counts: Mutex<[Int]>
        private let busy: Mutex<Set<Int>> = Mutex([])
        private let clashes = Atomic<Int>(0)

        init(chunks: Int) { counts = Mutex(Array(repeating: 0, count: chunks)) }

        func begin(_ chunk: Int, on thread: Int) {
            if busy.withLock({ !$0.insert(thread).inserted }) { clashes.add(1, ordering: .relaxed) }
            counts.withLock { $0[chunk] += 1 }
        }

        func end(on thread: Int) { _ = busy.withLock { $0.remove(thread) } }

        /// Whether every chunk ran once, and no two at one time with the same thread number.
        var isRight: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } && clashes.load(ordering: .relaxed) == 0 }
    }

    private struct TallyJob: ParallelJob {
        let tally: Tally

        func run(chunk: Int, thread: Int) {
            tally.begin(chunk, on: thread)
            tally.end(on: thread)
        }
    }

    /// A job of another type and size, which writes without locks.
    private struct SumJob: ParallelJob {
        let terms: (Int, Int, Int, Int)
        let sums: UnsafeMutablePointer<Int>

        func run(chunk: Int, thread: Int) { sums[chunk] = terms.0 + terms.1 * chunk + terms.2 * terms.3 }
    }

    @Test(arguments: 1...4)
    func everyChunkOnce(threads: Int) {
        let pool = ThreadPool(threads: threads)
        #expect(pool.threads == threads)
        var random = SeededGenerator(seed: UInt64(threads))
        let sums = UnsafeMutablePointer<Int>.allocate(capacity: 64)
        defer { sums.deallocate() }
        for number in 0..<2000 {
            let chunks = Int.random(in: 0...(number.isMultiple(of: 50) ? 64 : 7), using: &random)
            let tally = Tally(chunks: chunks)
            pool.run(TallyJob(tally: tally), chunks: chunks)
            sums.update(repeating: -1, count: chunks)
            pool.run(SumJob(terms: (number, 3, 5, 7), sums: sums), chunks: chunks)
            guard tally.isRight, (0..<chunks).allSatisfy({ sums[$0] == number + 3 * $0 + 35 }) else {
                Issue.record("job \(number) of \(chunks) chunks")
                return
            }
        }
    }

    /// A job one of whose chunks waits for all others.
    private struct LastJob: ParallelJob {
        let last: Int
        let chunks: Int
        let done: Counter

        func run(chunk: Int, thread: Int) {
            while chunk == last, done.value.load(ordering: .acquiring) < chunks - 1 { sched_yield() }
            done.value.add(1, ordering: .acquiringAndReleasing)
        }
    }

    /// What a thread that is busy has not begun, others do.
    @Test func whoIsBusyHoldsNobodyUp() {
        let pool = ThreadPool(threads: 3)
        for last in 0..<40 {
            let done = Counter()
            pool.run(LastJob(last: last, chunks: 40, done: done), chunks: 40)
            #expect(done.value.load(ordering: .acquiring) == 40)
        }
    }

    /// A job that ends only when every thread of the pool has come, each with one chunk.
    private struct MeetingJob: ParallelJob {
        let meeting: Meeting

        func run(chunk: Int, thread: Int) { meeting.join(thread) }
    }

    private final class Meeting: Sendable {
        let threads: Int
        let ended: Counter
        private let seen: Mutex<Set<Int>> = Mutex([])

        init(threads: Int, ended: Counter = Counter()) { (self.threads, self.ended) = (threads, ended) }

        func join(_ thread: Int) {
            _ = seen.withLock { $0.insert(thread) }
            if thread > 0 { Thread.current.threadDictionary["sentinel"] = Sentinel(ended) }
            while attendance.count < threads { sched_yield() }
        }

        var attendance: Set<Int> { seen.withLock { $0 } }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// Goes with the thread in whose dictionary it is.
    private final class Sentinel {
        private let ended: Counter

        init(_ ended: Counter) { self.ended = ended }
        deinit { ended.value.add(1, ordering: .acquiringAndReleasing) }
    }

    /// Between two jobs the threads look around for longer than they do before they sleep.
    @Test func sleepersAreWoken() {
        let pool = ThreadPool(threads: 3)
        for _ in 0..<100 {
            let meeting = Meeting(threads: 3)
            pool.run(MeetingJob(meeting: meeting), chunks: 3)
            #expect(meeting.attendance == [0, 1, 2])
            for _ in 0..<10_000 { penstock_spin_hint() }
        }
    }

    @Test func threadsEndWithThePool() async {
        for threads in 1...4 {
            let ended = Counter()
            for round in 1...5 {
                ThreadPool(threads: threads).run(
                    MeetingJob(meeting: Meeting(threads: threads, ended: ended)), chunks: threads)
                // The time limit of the suite is the limit of this loop.
                while ended.value.load(ordering: .acquiring) < round * (threads - 1) { await Task.yield() }
            }
            #expect(ended.value.load(ordering: .acquiring) == 5 * (threads - 1))
        }
    }
}
