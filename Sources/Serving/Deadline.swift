/// Runs `operation`, but no longer than until `deadline`: then it is cancelled.
///
/// - Throws: ``ServingError/deadlineExceeded`` when the deadline comes first, else what `operation` throws.
package func withDeadline<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ operation: @Sendable @escaping () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: operation)
        group.addTask {
            try await pause(until: deadline)
            throw ServingError.deadlineExceeded
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}

/// Waits until an instant has come, without a timer of its own.
///
/// - Throws: `CancellationError` when the task is cancelled before.
package func pause(until instant: ContinuousClock.Instant) async throws {
    try await AlarmClock.shared.get().sleep(until: instant)
}
