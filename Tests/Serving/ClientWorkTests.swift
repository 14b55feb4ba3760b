import PenstockPipelines
import PenstockServing
import Synchronization
import Testing

/// Work for clients on threads of its own.
@Suite struct ClientWorkTests {
    private static let far = ContinuousClock.now + .seconds(3600)

    @Test func longWorkEndsBetweenTwoTextsWhenTheClientHasGone() async {
        let texts = Atomic<Int>(0)
        let client = Client(deadline: Self.far) { texts.load(ordering: .relaxed) >= 10 }
        let error = await #expect(throws: ServingError.self) {
            try await client.work { scope in
                var pace = scope.pace
                for _ in 0..<1_000_000 {
                    try await pace.step()
                    texts.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(error?.code == .clientGone)
        #expect(texts.load(ordering: .relaxed) == 10)
    }

    @Test func longWorkEndsAtTheDeadline() async {
        let client = Client(deadline: .now)
        let error = await #expect(throws: ServingError.self) {
            try await client.work { scope in try scope.check() }
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func cancelledWorkEnds() async {
        let task = Task {
            try await Client(deadline: Self.far).work { scope in
                while true {
                    try scope.check()
                    await Task.yield()
                }
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// More long requests than there are threads, which end only after a short one has had its turn.
    @Test func shortWorkTakesTurnsWithLongWork() async throws {
        final class Flag: Sendable {
            let isSet = Atomic<Bool>(false)
        }
        let isShortDone = Flag()
        let client = Client(deadline: Self.far)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    try await client.work { scope in
                        var pace = scope.pace
                        while !isShortDone.isSet.load(ordering: .relaxed) { try await pace.step() }
                    }
                }
            }
            group.addTask { try await client.work { _ in isShortDone.isSet.store(true, ordering: .relaxed) } }
            try await group.waitForAll()
        }
    }
}
