/// Units that may be used in a minute: as many as that at once, and from then on as they come back, one by one.
///
/// The generic cell rate algorithm (ITU-T I.371): all that is kept is when nothing will be in use any more. Times are exact.
package struct TokenBucket: Sendable {
    private static var span: Duration { .seconds(60) }

    /// Units of a minute.
    package var perMinute: Int
    private var unusedAt: ContinuousClock.Instant?

    /// A bucket of which nothing is used yet.
    ///
    /// - Parameter perMinute: at least one
    package init(perMinute: Int) {
        precondition(perMinute > 0)
        self.perMinute = perMinute
    }

    /// Takes units, if they are there.
    ///
    /// - Parameter amount: no more than ``perMinute``
    /// - Returns: nil if they were taken, else the time after which they will be there, if nobody takes any before.
    package mutating func take(_ amount: Int, at now: ContinuousClock.Instant) -> Duration? {
        if let wait = wait(for: amount, at: now) { return wait }
        unusedAt = unused(at: now).advanced(by: cost(amount))
        return nil
    }

    /// The time after which units will be there; nil if they are.
    package func wait(for amount: Int, at now: ContinuousClock.Instant) -> Duration? {
        precondition(amount <= perMinute)
        let wait = now.duration(to: unused(at: now)) + cost(amount) - Self.span
        return wait > .zero ? wait : nil
    }

    /// Puts units back that were taken and not used.
    package mutating func putBack(_ amount: Int) { unusedAt = unusedAt?.advanced(by: .zero - cost(amount)) }

    private func unused(at now: ContinuousClock.Instant) -> ContinuousClock.Instant { max(now, unusedAt ?? now) }

    private func cost(_ amount: Int) -> Duration { Self.span * amount / perMinute }
}
