#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The rests of the worker whose thread makes it.
struct WorkerRest: ~Copyable {
    /// The clock is read once for so many jobs, of some 20 µs each, while nobody disturbs.
    private static let jobsBetweenLooks = 64

    private let account = CoreAccount()
    private var plan = RestPlan()
    private var jobs = 0

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps, if it is time for that. To be called when a job begins.
    mutating func takeIfDue() {
        jobs += 1
        guard plan.hasRests || jobs.isMultiple(of: Self.jobsBetweenLooks) else { return }
        guard plan.restIsDue(at: Self.now, times: { account.times }) else { return }
        // The thread is the worker's own, and no job ends its rest: the others do the chunks meanwhile.
        usleep(UInt32(RestPlan.rest / 1000))
    }
}
