import Foundation
import PenstockCompute
import Testing

@Suite struct ComputeThreadTests {
    /// The thread has the name and the stack that were asked for, and its closure goes with it.
    @Test(arguments: [("short", "short"), ("a name that is longer than the system takes", "a name that is ")])
    func nameAndStack(name: String, shown: String) async throws {
        let (seen, found) = AsyncStream<(String, Int)>.makeStream()
        try ComputeThread.start(name: name) {
            var buffer = [CChar](repeating: 0, count: 64)
            pthread_getname_np(pthread_self(), &buffer, buffer.count)
            var attributes = pthread_attr_t()
            pthread_getattr_np(pthread_self(), &attributes)
            var size = 0
            pthread_attr_getstacksize(&attributes, &size)
            pthread_attr_destroy(&attributes)
            found.yield((String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self), size))
            found.finish()
        }
        var iterator = seen.makeAsyncIterator()
        let (threadName, stackSize) = try #require(await iterator.next())
        #expect(threadName == shown)
        #expect(stackSize >= 8 << 20)
    }

    @Test func whatTheSystemRefuses() {
        let error = #expect(throws: ResourceError.self) {
            try ComputeThread.start(name: "vast", stackSize: 1 << 60) {}
        }
        #expect(error?.description.hasPrefix("the thread vast cannot be started: ") == true)
    }
}
