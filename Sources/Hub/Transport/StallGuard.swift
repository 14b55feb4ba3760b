import Synchronization

/// Ends what brings too few bytes in a while, be it nothing at all or a trickle that would take years.
struct StallGuard: Sendable {
    /// Counts the bytes that came.
    final class Meter: Sendable {
        private let count = Atomic(0)
        fileprivate var bytes: Int { count.load(ordering: .relaxed) }

        func add(_ bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }
    }

    let period: Duration
    let bytes: Int
    let clock: HubClock

    /// Runs an operation that counts what comes.
    ///
    /// - Throws: ``TransferFailure/stalled``, or what the operation throws
    func run(_ operation: @escaping @Sendable (Meter) async throws -> Void) async throws {
        let meter = Meter()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await operation(meter)
                return true
            }
            group.addTask {
                var before = 0
                while true {
                    try await clock.sleep(period)
                    let now = meter.bytes
                    guard now - before >= bytes else { throw TransferFailure.stalled }
                    before = now
                }
            }
            defer { group.cancelAll() }
            // The watch never ends but by an error, so that the first to end is the operation.
            _ = try await group.next()
        }
    }
}
