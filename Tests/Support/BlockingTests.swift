import Foundation
import Testing

/// Runs tests on threads of their own.
///
/// Those that wait for a process block their thread, and the tasks of a process share as many threads as there are
/// processors: two tests that wait would leave nothing for all others to run on.
package struct BlockingTests: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(ThreadForEach()) { try await function() }
    }
}

extension Trait where Self == BlockingTests {
    /// The tests wait for processes.
    package static var blocking: BlockingTests { BlockingTests() }
}

private final class ThreadForEach: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
