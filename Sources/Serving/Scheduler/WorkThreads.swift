import DequeModule
import Dispatch
import PenstockCompute
import Synchronization

/// The threads that tokenize texts and write answers, so that those which receive and send never have to.
///
/// Tasks that prefer this executor take turns: one that yields goes to the end of the queue.
package final class WorkThreads: TaskExecutor {
    /// Those of the process, or why there are none.
    package static let shared = Result { () throws(ResourceError) in
        try WorkThreads(count: max(2, AvailableProcessors.count))
    }

    private let jobs = Mutex(Deque<UnownedJob>())
    private let bell = DispatchSemaphore(value: 0)

    private init(count: Int) throws(ResourceError) {
        for _ in 0..<count { try ComputeThread.start(name: "work") { [self] in work() } }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        bell.signal()
    }

    private func work() {
        let executor = asUnownedTaskExecutor()
        while true {
            bell.wait()
            if let job = jobs.withLock({ $0.popFirst() }) { job.runSynchronously(on: executor) }
        }
    }
}
