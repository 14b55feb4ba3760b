/// The rests of a worker whose core other programs want, too.
///
/// The scheduler of Linux takes a worker, which waits for much of the time, and the thread that it works for, for as much
/// of a load together as one program that always computes: it gives both of them one core, and the program another. There
/// a worker is of no use, and takes time from the one it works for. A worker that rests for a good part of the time is
/// less of a load. Then it gets a core for the rest of the time, at once, since it has taken less than its share.
///
/// Times are in nanoseconds: nothing is allocated while jobs run.
package struct RestPlan: Sendable {
    /// The share of the time that a worker wants a core, spent waiting for it, from which on others are said to want it: a
    /// client beside its server takes some hundredths, a program that always computes half of it.
    package static let disturbance = 0.25
    /// The time of work in turns with rests.
    package static let work: Int64 = 2_000_000
    /// The time of a rest.
    package static let rest: Int64 = 3_000_000
    /// The time of turns, before it is looked again for other programs.
    package static let spell: Int64 = 60_000_000
    /// The least time between two looks.
    package static let interval: Int64 = 10_000_000

    /// When the turns end and when the next rest begins; nil while nobody disturbs.
    private var turns: (end: Int64, nextRest: Int64)?
    private var look: (time: Int64, times: CoreTimes)?

    /// A plan of a worker that nobody disturbs.
    package init() {}

    /// True while work and rests take turns.
    package var hasRests: Bool { turns != nil }

    /// Returns whether a rest is due, which is taken then.
    ///
    /// - Parameters:
    ///   - now: the time since any moment
    ///   - times: tells the worker's times up to now; nil if they are not known
    package mutating func restIsDue(at now: Int64, times: () -> CoreTimes?) -> Bool {
        if let turns, now < turns.end {
            guard now >= turns.nextRest else { return false }
        } else {
            turns = nil
            if let look, now - look.time < Self.interval { return false }
            guard isDisturbed(at: now, times()) else { return false }
        }
        turns = (turns?.end ?? now + Self.spell, now + Self.rest + Self.work)
        return true
    }

    private mutating func isDisturbed(at now: Int64, _ times: CoreTimes?) -> Bool {
        guard let times else { return false }
        defer { look = (now, times) }
        return look.map { times.shareOfWaiting(since: $0.times) > Self.disturbance } ?? false
    }
}
