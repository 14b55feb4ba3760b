import Dispatch
import Foundation
import HTTPTypes
import PenstockHTTP
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// The thread of an event loop, and the time of the processor that its jobs take.
private final class LoopThread: TaskExecutor {
    private let queue = DispatchQueue(label: "loop")
    private let used = Atomic<UInt64>(0)

    /// In nanoseconds.
    var time: UInt64 { used.load(ordering: .relaxed) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in
            let start = clock_gettime_nsec_np(CLOCK_THREAD_CPUTIME_ID)
            job.runSynchronously(on: asUnownedTaskExecutor())
            used.wrappingAdd(clock_gettime_nsec_np(CLOCK_THREAD_CPUTIME_ID) - start, ordering: .relaxed)
        }
    }
}

#if canImport(Glibc)
    private func clock_gettime_nsec_np(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
#endif

@Suite struct EventLoopWorkTests {
    /// Requests that are refused because their many texts find no room: to read, to count and to free them is all there is to
    /// do.
    private static let bodies: [(path: String, body: String)] = {
        func list(_ element: String, _ count: Int) -> String {
            "[" + repeatElement(element, count: count).joined(separator: ",") + "]"
        }
        let (empty, long) = (list("\"\"", 150_000), list("\"a text of some length\"", 40_000))
        let (half, lists) = (list("\"\"", 75_000), list("[\"\"]", 75_000))
        return [
            ("/embed", #"{"inputs": \#(empty)}"#), ("/embed_all", #"{"inputs": \#(empty)}"#),
            ("/similarity", #"{"inputs": {"source_sentence": "a", "sentences": \#(empty)}}"#),
            ("/v2/embed", #"{"texts": \#(empty)}"#), ("/v2/embed", #"{"texts": \#(long)}"#),
            ("/rerank", #"{"query": "a", "texts": \#(empty)}"#), ("/rerank", #"{"query": "a", "texts": \#(long)}"#),
            ("/score", #"{"text_1": \#(half), "text_2": \#(half)}"#), ("/predict", #"{"inputs": \#(lists)}"#),
            ("/", #"{"inputs": \#(long)}"#), ("/", #"{"inputs": {"none": \#(empty)}}"#),
        ]
    }()

    /// What a client made large is neither walked through nor freed where other clients are received and sent to.
    @Test(arguments: bodies.indices)
    func largeRequestsAreWorkOfTheWorkThreads(index: Int) async throws {
        let (path, body) = Self.bodies[index]
        let server = try TestServer(maxBodyBytes: 1 << 20, maxInFlightBytes: 12 << 20) { server in
            try ["st-mean", "ranking-bert", "bert-sequence"].map { name in
                try ModelSource(name: name, directory: Fixtures.checkpoint(name), serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            }
        }
        let bytes = Array(body.utf8)
        let loop = LoopThread()
        let start = clock_gettime_nsec_np(CLOCK_PROCESS_CPUTIME_ID)
        let reply = try await withTaskExecutorPreference(loop) {
            try await server.send(.post, path, [.contentType: "application/json"], body: bytes)
        }
        let all = clock_gettime_nsec_np(CLOCK_PROCESS_CPUTIME_ID) - start
        #expect([413, 429, 503].contains(reply.status))
        #expect(loop.time * 4 < all, "\(path): \(loop.time) of \(all) ns")
    }
}
