import PenstockServing
import Testing

/// Operations that end at their deadlines.
@Suite struct DeadlineTests {
    private static let far = ContinuousClock.now + .seconds(3600)

    private struct Failure: Error {}

    /// Goes on until it is cancelled.
    @Sendable private static func goOn() async throws { try await Task.sleep(until: far, clock: .continuous) }

    @Test func whatIsDoneInTimeIsReturnedAndThrown() async throws {
        #expect(try await withDeadline(Self.far) { 5 } == 5)
        await #expect(throws: Failure.self) { try await withDeadline(Self.far) { throw Failure() } }
    }

    /// Deadlines in any order, near, past and equal ones, beside operations that end long before theirs.
    @Test func eachOfManyEndsAtItsOwnDeadline() async {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<2000 {
                let deadline = start + .milliseconds(index * 7919 % 400 - 20)
                group.addTask {
                    let error = await #expect(throws: ServingError.self) {
                        try await withDeadline(deadline, Self.goOn)
                    }
                    #expect(error?.code == .deadlineExceeded)
                    #expect(ContinuousClock.now >= deadline)
                }
                group.addTask {
                    let value = try? await withDeadline(Self.far + .milliseconds(index)) {
                        await Task.yield()
                        return index
                    }
                    #expect(value == index)
                }
            }
        }
    }

    /// A later deadline that is waited for does not delay an earlier one that comes after it.
    @Test func anEarlierDeadlineThatComesLaterEndsFirst() async {
        let late = Task { try await withDeadline(Self.far, Self.goOn) }
        let error = await #expect(throws: ServingError.self) {
            try await withDeadline(.now + .milliseconds(1), Self.goOn)
        }
        #expect(error?.code == .deadlineExceeded)
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func cancellingEndsBoth() async {
        let tasks = (0..<200).map { index in
            Task { try await withDeadline(Self.far + .milliseconds(index), Self.goOn) }
        }
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
    }
}
