/// The rests of a worker whose core other programs want, too.
///
/// The scheduler of Linux takes a worker, which waits for much of the time, and the thread that it works for, for as much
/// of a load together as one program that always computes: it gives both of them one core, and the program another. There
/// a worker is of no use, and takes time from the one it works for. A worker that rests for a good part of the time is
/// less of a load. Then it gets a core for the rest of the time, at once, since it has taken less than its share.
package struct RestPlan: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// The share of the time, spent waiting for a core, from which on other programs are said to want it.
    package static let disturbance = 0.05
    /// The times of work and rest in turns.
    package static let work = Duration.milliseconds(2), rest = Duration.milliseconds(3)
    /// The time of turns, before it is looked again for other programs.
    package static let spell = Duration.milliseconds(60)
    /// The least time between two looks.
    package static let interval = Duration.milliseconds(10)

    /// When the turns end and when the next rest begins; nil while nobody disturbs.
    private var turns: (end: Instant, nextRest: Instant)?
    private var look: (time: Instant, waited: UInt64)?

    /// A plan of a worker that nobody disturbs.
    package init() {}

    /// Whether there are rests.
    package var hasRests: Bool { turns != nil }

    /// Returns whether a rest is due, which is taken then.
    ///
    /// - Parameter waited: tells the nanoseconds for which the worker has waited for a core since it began; nil if they are
    ///   not known
    package mutating func restIsDue(at now: Instant, waited: () -> UInt64?) -> Bool {
        if let turns, now < turns.end {
            guard now >= turns.nextRest else { return false }
        } else {
            turns = nil
            if let look, look.time.duration(to: now) < Self.interval { return false }
            guard isDisturbed(at: now, waited()) else { return false }
        }
        turns = (turns?.end ?? now + Self.spell, now + Self.rest + Self.work)
        return true
    }

    private mutating func isDisturbed(at now: Instant, _ waited: UInt64?) -> Bool {
        guard let waited else { return false }
        defer { look = (now, waited) }
        guard let look else { return false }
        return Double(waited &- look.waited) > Self.disturbance * (look.time.duration(to: now) / .nanoseconds(1))
    }
}
