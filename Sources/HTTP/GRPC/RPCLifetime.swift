import PenstockServing

/// The time for which a call goes on that has several messages: until its time is over, the server goes down, or its
/// client has gone.
struct RPCLifetime: Sendable {
    /// The time that a call lasts at most.
    static let longest = Duration.seconds(3600)
    /// The time between two looks at whether it goes on.
    private static let interval = Duration.milliseconds(500)

    private let deadline: ContinuousClock.Instant?
    private let last: ContinuousClock.Instant
    private let store: ModelStore
    private let endsWithServer: Bool
    private let isGone: @Sendable () -> Bool

    /// - Parameters:
    ///   - deadline: when the call has to be over; nil if its client does not say
    ///   - endsWithServer: whether it is over when the server goes down
    init(
        until deadline: ContinuousClock.Instant?, _ context: ServerContext, _ store: ModelStore,
        endsWithServer: Bool = true
    ) {
        last = context.arrival + Self.longest
        (self.deadline, self.store, self.endsWithServer) = (deadline, store, endsWithServer)
        isGone = context.client(until: last).isGone
    }

    /// Waits for a moment.
    ///
    /// - Throws: `ServingError` when the call does not go on, and `CancellationError` when the task is cancelled.
    func pause() async throws {
        let now = ContinuousClock.now
        if isGone() { throw ServingError.clientGone }
        if endsWithServer, store.isDraining { throw ServingError.shuttingDown }
        if let deadline, deadline <= now { throw ServingError.deadlineExceeded }
        guard now < last else {
            throw ServingError(.notReady, "a call lasts for an hour at most; begin another one")
        }
        try await PenstockServing.pause(until: min(now + Self.interval, last, deadline ?? last))
    }
}
