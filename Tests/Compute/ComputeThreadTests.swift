import PenstockCompute
import Testing

@Suite struct ComputeThreadTests {
    @Test(arguments: [("short", "short"), ("a name that is longer than the system takes", "a name that is ")])
    func name(name: String, shown: String) async throws {
        let (seen, found) = AsyncStream<String?>.makeStream()
        try ComputeThread.start(name: name) {
            found.yield(KernelFile("/proc/thread-self/comm")?.lines.first.map(String.init))
            found.finish()
        }
        var iterator = seen.makeAsyncIterator()
        #expect(await iterator.next() == shown)
    }

    @Test func whatTheSystemRefuses() {
        let error = #expect(throws: ResourceError.self) {
            try ComputeThread.start(name: "vast", stackSize: 1 << 60) {}
        }
        #expect(error?.description.hasPrefix("the thread vast cannot be started: ") == true)
    }
}
