import CKernels

/// A loop body whose chunks may run on several threads at once.
///
/// A job is a plain struct on the caller's stack: starting one allocates nothing.
package protocol ParallelJob: ~Copyable {
    /// Does chunk `chunk` on thread `thread` of the pool; no two calls at one time have the same thread.
    func run(chunk: Int, thread: Int)
}

/// The chunks of a job from one on.
struct ShiftedJob<Job: ParallelJob>: ParallelJob {
    let job: Job
    let first: Int

    func run(chunk: Int, thread: Int) { job.run(chunk: first + chunk, thread: thread) }
}

/// Threads that share the chunks of one job at a time with the thread that asks.
package final class ThreadPool: Sendable {
    private let queue: ChunkQueue

    /// The threads that take part in a job, the caller's included.
    package let threads: Int

    /// A pool of `threads` threads, one of which is the thread that calls ``run(_:chunks:)``; of fewer, if the system has
    /// not as many left.
    package init(threads: Int) {
        precondition(threads > 0)
        let queue = ChunkQueue(workers: threads - 1)
        self.queue = queue
        var started = 0
        while started < threads - 1 {
            let worker = started
            guard (try? ComputeThread.start(name: "compute-\(worker + 1)") { queue.work(asWorker: worker) }) != nil
            else { break }
            started += 1
        }
        self.threads = started + 1
    }

    deinit { queue.close() }

    /// Runs all chunks and returns when the last one is done.
    ///
    /// To be called from one thread at a time. The order of the chunks is not defined, so each writes what no other
    /// chunk reads or writes.
    package func run<Job: ParallelJob>(_ job: Job, chunks: Int) {
        // The caller goes on with work that is not ours; the other threads give theirs back before they sleep.
        defer { penstock_release_tiles() }
        guard threads > 1, chunks > 1 else {
            for chunk in 0..<chunks { job.run(chunk: chunk, thread: 0) }
            return
        }
        withUnsafePointer(to: job) { queue.run(Job.self, UnsafeRawPointer($0), chunks: chunks) }
    }
}
